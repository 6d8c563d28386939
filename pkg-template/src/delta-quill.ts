/** Decides how Quill 2 is an editor that can be attached. Nothing of Quill is imported. */

import type { DeltaEditor } from "./delta-attach.js";
import type { TextDelta } from "./types.js";

/** What is used of Quill. */
export interface QuillLike {
  getLength(): number;
  // In Quill these take a source too, of which its types name only three; any value works, and is told as it is.
  setContents(delta: never, source?: never): unknown;
  updateContents(delta: never, source?: never): unknown;
  on(event: "text-change", listener: (...args: never[]) => void): unknown;
  off(event: "text-change", listener: (...args: never[]) => void): unknown;
}

/**
 * A Quill editor, for `attach` and `connect`. What comes from others has a source of its own, so that handlers of the
 * application may edit as well, and the history module leaves it alone with its option `userOnly`.
 */
export function quill(editor: QuillLike): DeltaEditor {
  const source = { name: "syncline" } as never;
  return {
    ending: "newline",
    length: () => editor.getLength(),
    setContents: (delta) => void editor.setContents(delta as never, source),
    updateContents: (delta) => void editor.updateContents(delta as never, source),
    onChange: (listener) => {
      const onChange = (delta: { ops: readonly TextDelta[] }, _: unknown, from: unknown): void => {
        if (from !== source) listener(delta.ops);
      };
      editor.on("text-change", onChange);
      return () => void editor.off("text-change", onChange);
    },
  };
}
