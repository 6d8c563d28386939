/** Decides how a shared map looks to the application. */

import type { TypeRef } from "./refs.js";
import type { MapChange, Observer, Unsubscribe, Value } from "./types.js";

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

  /** A copy of what `key` holds. */
  get(key: string): Value | undefined {
    return this.#ref.raw.mapGet(this.#ref.doc, this.#ref.type, key);
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

  /** Calls `observer` after every change, local or remote. */
  observe(observer: Observer<MapChange>): Unsubscribe {
    return this.#ref.observe(observer);
  }
}
