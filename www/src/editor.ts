/** Decides what the editor can do: Quill with inline formats only, a Tab key that leaves it, and undo that leaves others' edits alone. */

import Quill from "quill/core";
import Inline from "quill/blots/inline";
import Bold from "quill/formats/bold";
import { Code } from "quill/formats/code";
import Italic from "quill/formats/italic";
import Link from "quill/formats/link";
import Strike from "quill/formats/strike";
import Underline from "quill/formats/underline";
import QuillCursors from "quill-cursors";
import { SharedHistory } from "./history.js";

/** The formats by their attribute name in the shared text. */
export const FORMATS = ["bold", "italic", "underline", "strike", "code", "highlight", "link"] as const;
export type Format = (typeof FORMATS)[number];

/** Creates an editor in `container`. */
export function createEditor(container: HTMLElement, { placeholder, label }: { placeholder: string; label: string }): Quill {
  register();
  const quill = new Quill(container, {
    formats: [...FORMATS],
    placeholder,
    modules: {
      // Tab moves on to the next control, as everywhere on the page: an editor that keeps it is a trap for keyboard users.
      keyboard: { bindings: { ...KEPT_TABS, code: { key: "e", shortKey: true, handler: toggle("code") } } },
      history: { userOnly: true },
      cursors: { selectionChangeSource: null, hideDelayMs: 400, hideSpeedMs: 150 },
    },
  });
  const { root } = quill;
  root.dataset["testid"] = "editor";
  root.setAttribute("role", "textbox");
  root.setAttribute("aria-multiline", "true");
  root.setAttribute("aria-label", label);
  root.spellcheck = false;
  return quill;
}

/** Returns what draws the carets of others. */
export function cursorsOf(quill: Quill): QuillCursors {
  return quill.getModule("cursors") as QuillCursors;
}

/** Returns what undoes in an editor. */
export function historyOf(quill: Quill): SharedHistory {
  return quill.getModule("history") as SharedHistory;
}

class Highlight extends Inline {
  static override blotName = "highlight";
  static override tagName = "MARK";
}

function register(): void {
  // Registering again, for the second pane, only warns when it is not told to overwrite.
  Quill.register({ "modules/cursors": QuillCursors, "modules/history": SharedHistory }, true);
  for (const format of [Bold, Italic, Underline, Strike, Code, Highlight, Link]) Quill.register(format, true);
}

function toggle(format: Format) {
  return function (this: { quill: Quill }): boolean {
    this.quill.format(format, this.quill.getFormat()[format] !== true, Quill.sources.USER);
    return false;
  };
}

const leaveToBrowser = { key: "Tab", handler: () => true };
const KEPT_TABS = { tab: leaveToBrowser, indent: leaveToBrowser, outdent: { ...leaveToBrowser, shiftKey: true }, "remove tab": null };
