/** Decides what is selected in a view after an undo: what was when the edit was made, wherever that is since. */

import { EditorSelection, type Text as Content } from "@codemirror/state";
import { cursorAt } from "./codemirror-changes.js";
import type { Cursor } from "./cursor.js";
import type { Text } from "./text.js";
import type { Unsubscribe } from "./types.js";
import type { UndoEvent, UndoManager } from "./undo.js";

/** Ours in a step: what was selected in a view of a text before the step. */
class Selected {
  readonly by: ViewUndo;
  readonly text: Text;
  readonly anchor: Cursor;
  readonly head: Cursor;

  constructor(by: ViewUndo, text: Text, anchor: Cursor, head: Cursor) {
    this.by = by;
    this.text = text;
    this.anchor = anchor;
    this.head = head;
  }
}

/** The selections of one view in the steps of an undo manager. */
export class ViewUndo {
  readonly #text: Text;
  readonly #manager: UndoManager;
  readonly #stop: Unsubscribe;
  readonly #onNews: () => void;
  /** What was selected before what is changed in this task. */
  #before: Selected | undefined;
  /** What is to be selected. */
  #wanted: Selected | undefined;
  /** Whether it is this view that undoes. */
  #isAsking = false;

  constructor(text: Text, manager: UndoManager, onNews: () => void) {
    this.#text = text;
    this.#manager = manager;
    this.#onNews = onNews;
    this.#stop = manager.observe((event) => this.#hear(event));
  }

  /** Notes what is selected before a change is made, in `content`, which is what the text holds. */
  note(content: Content, anchor: number, head: number): void {
    // Something was changed meanwhile.
    if (content.length !== this.#text.length) return;
    const from = cursorAt(this.#text, content, anchor);
    const to = anchor === head ? from : cursorAt(this.#text, content, head);
    this.#before ??= new Selected(this, this.#text, from, to);
  }

  /** Undoes or redoes a step, for this view. */
  run(what: "undo" | "redo"): void {
    this.#isAsking = true;
    try {
      this.#manager[what]();
    } finally {
      this.#isAsking = false;
    }
  }

  /** What is to be selected, where it is at this moment; once. */
  take(): EditorSelection | undefined {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (!wanted) return undefined;
    const [anchor, head] = [this.#text.resolve(wanted.anchor), this.#text.resolve(wanted.head)];
    return anchor === undefined || head === undefined ? undefined : EditorSelection.single(anchor, head);
  }

  /** Forgets what was noted: what is changed from here on comes later. */
  forget(): void {
    this.#before = undefined;
  }

  destroy(): void {
    this.#stop();
  }

  #hear({ type, step }: UndoEvent): void {
    if (!step) return;
    if (type === "added") step.selection ??= this.#before;
    const { selection } = step;
    if (type !== "popped" || !(selection instanceof Selected) || selection.text !== this.#text) return;
    // Where a step is undone in another view than it was made in, both show where it was.
    if (selection.by !== this && !this.#isAsking) return;
    this.#wanted = selection;
    this.#onNews();
  }
}
