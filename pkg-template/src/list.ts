/** Decides how a shared list looks to the application. */

import type { Cursor, CursorSide } from "./cursor.js";
import type { TypeRef } from "./refs.js";
import type { ListChange, Observer, Unsubscribe, Value } from "./types.js";

/** A shared list of values. An index outside the list throws and changes nothing. */
export class List {
  readonly #ref: TypeRef<ListChange>;

  /** @internal */
  constructor(ref: TypeRef<ListChange>) {
    this.#ref = ref;
  }

  /** How many items there are. */
  get length(): number {
    return this.#ref.raw.listLength(this.#ref.doc, this.#ref.type);
  }

  /** Inserts copies of `items` at `index`. */
  insert(index: number, ...items: readonly Value[]): void {
    this.#ref.raw.listInsert(this.#ref.doc, this.#ref.type, index, [...items]);
  }

  /** Inserts copies of `items` at the end. */
  push(...items: readonly Value[]): void {
    this.insert(this.length, ...items);
  }

  /** Deletes `length` items, one by default, from `index` on. */
  delete(index: number, length = 1): void {
    this.#ref.raw.listDelete(this.#ref.doc, this.#ref.type, index, length);
  }

  /** A copy of the item at `index`. */
  get(index: number): Value | undefined {
    return this.#ref.raw.listGet(this.#ref.doc, this.#ref.type, index);
  }

  /** A copy of the content as a plain array. */
  toJSON(): Value[] {
    return this.#ref.raw.listToJson(this.#ref.doc, this.#ref.type);
  }

  /**
   * The place at `index`, kept while everybody edits: it stays before the item that follows it, or with `"before"` behind
   * the one before it. Plain JSON, the same as that of Yjs' relative positions.
   */
  cursor(index: number, side: CursorSide = "after"): Cursor {
    return this.#ref.raw.listCursor(this.#ref.doc, this.#ref.type, index, side);
  }

  /** Where a cursor is at this moment; undefined if it is not one of this list, or of what has not come yet. */
  resolve(cursor: Cursor): number | undefined {
    return this.#ref.raw.listResolve(this.#ref.doc, this.#ref.type, cursor);
  }

  /** Calls `observer` after every change, local or remote. */
  observe(observer: Observer<ListChange>): Unsubscribe {
    return this.#ref.observe(observer);
  }
}
