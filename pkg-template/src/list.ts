/** Decides how a shared list looks to the application. */

import type { Cursor, CursorSide } from "./cursor.js";
import type { MapType } from "./map.js";
import type { TypeRef } from "./refs.js";
import type { Text } from "./text.js";
import type { ListChange, Observer, TextDelta, Unsubscribe, Value } from "./types.js";

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

  /** Inserts a new text at `index`, which several can edit at once, and returns it. */
  insertText(index: number, content?: string | readonly TextDelta[]): Text {
    const { raw, doc, type, handles } = this.#ref;
    return handles.nestedText(raw.listCreate(doc, type, index, "text", content));
  }

  /** Inserts a new map with these entries at `index`, and returns it. */
  insertMap(index: number, entries?: { readonly [key: string]: Value }): MapType {
    const { raw, doc, type, handles } = this.#ref;
    return handles.nestedMap(raw.listCreate(doc, type, index, "map", entries));
  }

  /** Inserts a new list of these items at `index`, and returns it. */
  insertList(index: number, items?: readonly Value[]): List {
    const { raw, doc, type, handles } = this.#ref;
    return handles.nestedList(raw.listCreate(doc, type, index, "list", items));
  }

  /** The text at `index`, the same object at every call; undefined where there is nothing, or something else. */
  text(index: number): Text | undefined {
    const id = this.#find(index, "text");
    return id === undefined ? undefined : this.#ref.handles.nestedText(id);
  }

  /** The map at `index`; see {@link text}. */
  map(index: number): MapType | undefined {
    const id = this.#find(index, "map");
    return id === undefined ? undefined : this.#ref.handles.nestedMap(id);
  }

  /** The list at `index`; see {@link text}. */
  list(index: number): List | undefined {
    const id = this.#find(index, "list");
    return id === undefined ? undefined : this.#ref.handles.nestedList(id);
  }

  /** Deletes `length` items, one by default, from `index` on. */
  delete(index: number, length = 1): void {
    this.#ref.raw.listDelete(this.#ref.doc, this.#ref.type, index, length);
  }

  /** A copy of the item at `index`; a nested type is copied as a plain value. */
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
    return this.#ref.raw.typeCursor(this.#ref.doc, this.#ref.type, index, side);
  }

  /** Where a cursor is at this moment; undefined if it is not one of this list, or of what has not come yet. */
  resolve(cursor: Cursor): number | undefined {
    return this.#ref.raw.typeResolve(this.#ref.doc, this.#ref.type, cursor);
  }

  /**
   * Makes the list what it was in the snapshot, as an edit: only what differs is touched, and it can be undone. Throws with
   * code `bad-snapshot` or `wrong-kind`, and changes nothing then.
   */
  restore(snapshot: Uint8Array): void {
    this.#ref.restore(snapshot);
  }

  /** Calls `observer` after every change, local or remote. */
  observe(observer: Observer<ListChange>): Unsubscribe {
    return this.#ref.observe(observer);
  }

  #find(index: number, kind: string): number | undefined {
    return this.#ref.raw.listOpen(this.#ref.doc, this.#ref.type, index, kind);
  }
}
