/** Decides how the keys and menus that undo reach a history of the document, and what is selected afterwards. */

import type { Cursor, CursorSide } from "./cursor.js";
import type { Range } from "./input-edit.js";
import type { Text } from "./text.js";
import type { Unsubscribe } from "./types.js";

/** What is used of an `UndoManager`. */
export interface UndoSteps {
  undo(): boolean;
  redo(): boolean;
  observe(
    observer: (event: {
      readonly type: "added" | "extended" | "popped" | "cleared";
      readonly stack: "undo" | "redo";
      readonly step?: { selection: unknown };
    }) => void,
  ): Unsubscribe;
}

/** How the selection of the element is read and restored, as places in the text. */
export interface SelectionAccess {
  read(): Range;
  restore(range: Range): void;
}

/** What was selected in an element before a step, kept with it. */
class KeptSelection {
  readonly element: Element;
  readonly from: Cursor;
  readonly to: Cursor;

  constructor(element: Element, from: Cursor, to: Cursor) {
    this.element = element;
    this.from = from;
    this.to = to;
  }
}

/** Leads what undoes in one element to the steps of the document. */
export class UndoRouter {
  readonly #steps: UndoSteps;
  readonly #text: Text;
  readonly #element: HTMLTextAreaElement | HTMLInputElement;
  readonly #selection: SelectionAccess;
  readonly #stops: readonly Unsubscribe[];
  /** What was selected when the browser said that there will be an edit. */
  #before: Range | undefined;
  /** What was selected before the edit that was made, until its step is told. */
  #kept: KeptSelection | undefined;

  constructor(steps: UndoSteps, text: Text, element: HTMLTextAreaElement | HTMLInputElement, selection: SelectionAccess) {
    this.#steps = steps;
    this.#text = text;
    this.#element = element;
    this.#selection = selection;
    this.#stops = [
      steps.observe((event) => this.#handleStep(event)),
      this.#listen("beforeinput", (event) => this.#handleBeforeInput(event as InputEvent)),
      this.#listen("keydown", (event) => this.#handleKey(event as KeyboardEvent)),
    ];
  }

  /** The text is about to be edited in `edited`, for what the element shows. */
  handleEdit(edited: Range): void {
    // Not every edit is announced, such as one by a program.
    const before = this.#before ?? edited;
    this.#before = undefined;
    // By what the edit leaves alone.
    const side = (place: number): CursorSide => (place <= edited[0] ? "before" : "after");
    this.#kept = this.#keep(before, [side(before[0]), side(before[1])]);
  }

  end(): void {
    for (const stop of this.#stops) stop();
  }

  #handleBeforeInput(event: InputEvent): void {
    if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
      event.preventDefault();
      this.#route(event.inputType === "historyUndo" ? "undo" : "redo");
    } else {
      this.#before = this.#selection.read();
    }
  }

  #handleKey(event: KeyboardEvent): void {
    const direction = directionOf(event);
    if (!direction || this.#element.readOnly) return;
    // Even where nothing is left to undo: the browser would undo what it knows.
    event.preventDefault();
    this.#route(direction);
  }

  #route(direction: "undo" | "redo"): void {
    const [from, to] = this.#selection.read();
    this.#kept = this.#keep([from, to], [from === to ? "after" : "before", "after"]);
    this.#steps[direction]();
  }

  #handleStep({ type, step }: Parameters<Parameters<UndoSteps["observe"]>[0]>[0]): void {
    if (type === "popped") {
      const kept = step?.selection;
      if (kept instanceof KeptSelection && kept.element === this.#element) this.#restore(kept);
      return;
    }
    if (type === "added" && step && this.#kept) step.selection = this.#kept;
    this.#kept = undefined;
  }

  #keep([from, to]: Range, [fromSide, toSide]: readonly [CursorSide, CursorSide]): KeptSelection | undefined {
    try {
      return new KeptSelection(this.#element, this.#text.cursor(from, fromSide), this.#text.cursor(to, toSide));
    } catch {
      // Within a surrogate pair, where only a program selects; or there is no document any more.
      return undefined;
    }
  }

  #restore({ from, to }: KeptSelection): void {
    const [start, end] = [this.#text.resolve(from), this.#text.resolve(to)];
    if (start !== undefined && end !== undefined) this.#selection.restore([start, Math.max(start, end)]);
  }

  #listen(name: "beforeinput" | "keydown", listener: (event: Event) => void): Unsubscribe {
    this.#element.addEventListener(name, listener);
    return () => this.#element.removeEventListener(name, listener);
  }
}

/** What a key asks for: Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y, or with Cmd on a Mac, where Ctrl+Y is something else. */
function directionOf(event: KeyboardEvent): "undo" | "redo" | undefined {
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const isShortcut = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!isShortcut || event.altKey || event.isComposing) return undefined;
  // In a layout without Latin letters by where the key is.
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  if (letter === "z") return event.shiftKey ? "redo" : "undo";
  return letter === "y" && !isMac && !event.shiftKey ? "redo" : undefined;
}
