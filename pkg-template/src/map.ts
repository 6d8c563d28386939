/** Decides how a shared map looks to the application. */

import type { List } from "./list.js";
import type { TypeRef } from "./refs.js";
import type { Text } from "./text.js";
import type { MapChange, Observer, TextDelta, Unsubscribe, Value } from "./types.js";

/** A shared map of strings to values. When two set the same key at once, one of them wins everywhere. */
export class MapType {
  readonly #ref: TypeRef<MapChange>;

  /** @internal */
  constructor(ref: TypeRef<MapChange>) {
    this.#ref = ref;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#ref.raw.mapSize(this.#ref.doc, this.#ref.type);
  }

  /** Sets `key` to a copy of `value`. */
  set(key: string, value: Value): void {
    this.#ref.raw.mapSet(this.#ref.doc, this.#ref.type, key, value);
  }

  /** A copy of what `key` holds; a nested type is copied as a plain value. */
  get(key: string): Value | undefined {
    return this.#ref.raw.mapGet(this.#ref.doc, this.#ref.type, key);
  }

  /** Sets `key` to a new text, which several can edit at once, and returns it. */
  setText(key: string, content?: string | readonly TextDelta[]): Text {
    const { raw, doc, type, handles } = this.#ref;
    return handles.nestedText(raw.mapCreate(doc, type, key, "text", content));
  }

  /** Sets `key` to a new map with these entries, and returns it. */
  setMap(key: string, entries?: { readonly [key: string]: Value }): MapType {
    const { raw, doc, type, handles } = this.#ref;
    return handles.nestedMap(raw.mapCreate(doc, type, key, "map", entries));
  }

  /** Sets `key` to a new list of these items, and returns it. */
  setList(key: string, items?: readonly Value[]): List {
    const { raw, doc, type, handles } = this.#ref;
    return handles.nestedList(raw.mapCreate(doc, type, key, "list", items));
  }

  /** The text that `key` holds, the same object at every call; undefined where it holds nothing, or something else. */
  text(key: string): Text | undefined {
    const id = this.#find(key, "text");
    return id === undefined ? undefined : this.#ref.handles.nestedText(id);
  }

  /** The map that `key` holds; see {@link text}. */
  map(key: string): MapType | undefined {
    const id = this.#find(key, "map");
    return id === undefined ? undefined : this.#ref.handles.nestedMap(id);
  }

  /** The list that `key` holds; see {@link text}. */
  list(key: string): List | undefined {
    const id = this.#find(key, "list");
    return id === undefined ? undefined : this.#ref.handles.nestedList(id);
  }

  has(key: string): boolean {
    return this.#ref.raw.mapHas(this.#ref.doc, this.#ref.type, key);
  }

  /** Deletes `key`; says whether it was there. */
  delete(key: string): boolean {
    return this.#ref.raw.mapDelete(this.#ref.doc, this.#ref.type, key);
  }

  /** The keys, in no particular order. */
  keys(): string[] {
    return this.#ref.raw.mapKeys(this.#ref.doc, this.#ref.type);
  }

  /** The keys with copies of what they hold, in no particular order. */
  entries(): [string, Value][] {
    return Object.entries(this.toJSON());
  }

  /** A copy of the content as a plain object. */
  toJSON(): { [key: string]: Value } {
    return this.#ref.raw.mapToJson(this.#ref.doc, this.#ref.type);
  }

  /**
   * Makes the map what it was in the snapshot, as an edit: only what differs is touched, and it can be undone. Throws with
   * code `bad-snapshot` or `wrong-kind`, and changes nothing then.
   */
  restore(snapshot: Uint8Array): void {
    this.#ref.restore(snapshot);
  }

  /** Calls `observer` after every change, local or remote. */
  observe(observer: Observer<MapChange>): Unsubscribe {
    return this.#ref.observe(observer);
  }

  #find(key: string, kind: string): number | undefined {
    return this.#ref.raw.mapOpen(this.#ref.doc, this.#ref.type, key, kind);
  }
}
