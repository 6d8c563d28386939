/**
 * Decides where the carets of others are drawn, and when this editor's own is shared.
 *
 * A caret is shared as a plain offset, which is right at the moment it is shared; every change of the text moves it until its owner, who
 * has seen the change by then, shares it again.
 */

import Quill, { Delta } from "quill/core";
import { cursorsOf } from "./editor.js";
import { colorOf, type Person, type Selection } from "./person.js";

interface Caret {
  readonly name: string;
  readonly color: number;
  /** As its owner shared it. */
  shared: Selection;
  /** Where it is by now. */
  range: Selection;
  flag?: ReturnType<typeof setTimeout>;
}

/** The carets in one editor. `prefix` tells its elements from those of other editors on the page. */
export class Carets {
  readonly #quill: Quill;
  readonly #prefix: string;
  readonly #share: (own: Selection) => void;
  readonly #carets = new Map<number, Caret>();
  #own: Selection | null = null;
  #shared: Selection | null = null;
  #isDrawing = false;
  #isSharing = false;

  constructor(quill: Quill, prefix: string, share: (own: Selection) => void) {
    this.#quill = quill;
    this.#prefix = prefix;
    this.#share = share;
    quill.on(Quill.events.TEXT_CHANGE, (delta, before) => this.#handleText(delta, before.length() - 1));
    quill.on(Quill.events.EDITOR_CHANGE, () => this.#shareSoon());
  }

  /** Shows the carets of these people and no others. */
  show(people: readonly Person[]): void {
    const others = people.filter((person) => !person.isSelf && person.cursor !== null);
    for (const id of this.#carets.keys()) {
      if (!others.some((person) => person.id === id)) this.#remove(id);
    }
    for (const person of others) if (person.cursor !== null) this.#place(person, person.cursor);
    this.#drawSoon();
  }

  #place(person: Person, cursor: Selection): void {
    const known = this.#carets.get(person.id);
    if (known !== undefined && known.name === person.name && known.color === person.color) {
      // Shared again for another reason (a new name, a sign of life): it may have moved on since.
      if (same(known.shared, cursor)) return;
      known.shared = known.range = cursor;
      this.#wave(person.id, known);
      return;
    }
    this.#remove(person.id);
    this.#carets.set(person.id, { name: person.name, color: person.color, shared: cursor, range: cursor });
    cursorsOf(this.#quill).createCursor(this.#key(person.id), person.name, colorOf(person.color));
  }

  #remove(id: number): void {
    clearTimeout(this.#carets.get(id)?.flag);
    this.#carets.delete(id);
    cursorsOf(this.#quill).removeCursor(this.#key(id));
  }

  /** Shows the name at a caret for a while. */
  #wave(id: number, caret: Caret): void {
    clearTimeout(caret.flag);
    cursorsOf(this.#quill).toggleFlag(this.#key(id), true);
    caret.flag = setTimeout(() => cursorsOf(this.#quill).toggleFlag(this.#key(id), false), FLAG_MS);
  }

  #handleText(delta: Delta, lengthBefore: number): void {
    for (const caret of this.#carets.values()) {
      // A caret beyond the end is ahead of the text it stands in, which is what arrives now.
      const isAhead = caret.range.index + caret.range.length > lengthBefore;
      if (!isAhead) caret.range = moved(caret.range, delta);
    }
    if (this.#own !== null) this.#own = moved(this.#own, delta);
    this.#drawSoon();
  }

  /** Measures the page once a frame, however many changes there were. */
  #drawSoon(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      const end = this.#quill.getLength() - 1;
      for (const [id, { range }] of this.#carets) {
        const index = Math.min(range.index, end);
        cursorsOf(this.#quill).moveCursor(this.#key(id), { index, length: Math.min(range.length, end - index) });
      }
    });
  }

  /** Waits for the end of the task, when the edit that moved the caret is on its way: others should get the edit first. */
  #shareSoon(): void {
    if (this.#isSharing) return;
    this.#isSharing = true;
    queueMicrotask(() => {
      this.#isSharing = false;
      // Without the focus the editor has no selection; the caret stays where it was left, as a hint of where its owner works.
      const range = this.#quill.hasFocus() ? this.#quill.selection.getRange()[0] : null;
      const own = range === null ? this.#own : { index: range.index, length: range.length };
      this.#own = own;
      if (own === null || (this.#shared !== null && same(own, this.#shared))) return;
      this.#shared = own;
      this.#share(own);
    });
  }

  #key(id: number): string {
    return `${this.#prefix}-${id}`;
  }
}

/** What is inserted right at a caret leaves it where it is: if its owner typed that, the new offset is on its way. */
function moved({ index, length }: Selection, delta: Delta): Selection {
  const start = delta.transformPosition(index, length === 0);
  return { index: start, length: Math.max(0, delta.transformPosition(index + length, true) - start) };
}

function same(a: Selection, b: Selection): boolean {
  return a.index === b.index && a.length === b.length;
}

const FLAG_MS = 2500;
