/** Decides how Quill 2 is an editor that can be attached. Nothing of Quill is imported. */

import type { DeltaEditor } from "./delta-attach.js";
import type { TextDelta } from "./types.js";

/** What is used of Quill. */
export interface QuillLike {
  getLength(): number;
  // Quill's own types differ from version to version, and name only three sources, though any value is told as it is.
  setContents(delta: never, source?: never): unknown;
  updateContents(delta: never, source?: never): unknown;
  on(event: "text-change", listener: never): unknown;
  off(event: "text-change", listener: never): unknown;
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
      editor.on("text-change", onChange as never);
      return () => void editor.off("text-change", onChange as never);
    },
  };
}
