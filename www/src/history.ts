/** Decides what undo takes back in an editor: what was edited in this document, never what others wrote; and what is selected then. */

import History from "quill/modules/history";
import type { Cursor, Text, UndoManager } from "syncline";

/** A selection that stays where it is meant to be while others write. */
interface Place {
  readonly start: Cursor;
  readonly end: Cursor;
}

/** Stands in for Quill's own history: the same keys and menus, with the steps of the document. */
export class SharedHistory extends History {
  #text?: Text;
  #steps?: UndoManager;
  /** Where the selection was before the first edit of this task. */
  #before: Place | undefined;

  /** From here on undo and redo are those of `steps`, which has `text` in its scope. */
  use(text: Text, steps: UndoManager): void {
    this.#text = text;
    this.#steps = steps;
    steps.observe(({ type, step }) => {
      if (type === "added") step.selection ??= this.#before;
      if (type === "added" || type === "extended") this.#before = undefined;
      if (type === "popped") this.#select(step.selection as Place | undefined);
    });
  }

  /** Quill tells an edit before the text has it, so that the selection is a place in the text as it was. */
  override record(): void {
    const range = this.currentRange;
    const text = this.#text;
    if (range === null || text === undefined) return;
    const cursor = (index: number): Cursor => text.cursor(Math.min(index, text.length));
    this.#before ??= { start: cursor(range.index), end: cursor(range.index + range.length) };
  }

  override undo(): void {
    this.#steps?.undo();
  }

  override redo(): void {
    this.#steps?.redo();
  }

  /** There is nothing of Quill's own to keep up with the changes of others, or to forget. */
  override transform(): void {}
  override clear(): void {}

  override cutoff(): void {
    this.#steps?.stopCapturing();
  }

  #select(place: Place | undefined): void {
    const start = place && this.#text?.resolve(place.start);
    const end = place && this.#text?.resolve(place.end);
    if (start === undefined || end === undefined) return;
    this.quill.setSelection(start, Math.max(0, end - start), "user");
  }
}
