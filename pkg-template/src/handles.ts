/** Decides which handles a document has: one for each shared type, made when it is first asked for. */

import { toListChange, toMapChange, toTextChange } from "./changes.js";
import { List } from "./list.js";
import { MapType } from "./map.js";
import type { RawChange } from "./raw.js";
import { type DocRef, TypeRef } from "./refs.js";
import { Text } from "./text.js";
import type { RefusedChange } from "./types.js";

/** What is kept of a type that is open. */
interface OpenType {
  deliver(event: RawChange): void;
  clear(): void;
  /** The change as one that was refused; only roots have the name that this takes. */
  readonly toRefused?: (event: RawChange) => RefusedChange;
}

/** The handles of one kind: of the document's own types by their names, of nested ones by what the wasm calls them. */
class Family<Handle> {
  readonly roots = new Map<string, Handle>();
  readonly nested = new Map<number, Handle>();
}

/** The handles of one document. */
export class Handles {
  readonly #ref: DocRef;
  readonly #texts = new Family<Text>();
  readonly #maps = new Family<MapType>();
  readonly #lists = new Family<List>();
  readonly #types = new Map<number, OpenType>();
  /** What the wasm calls the document's own types, by handle. */
  readonly rootNumbers = new Map<object, number>();

  constructor(ref: DocRef) {
    this.#ref = ref;
  }

  text(name: string): Text {
    return this.#root(this.#texts, "text", name, (id) => new Text(this.#register(id, toTextChange, asRefused("text", name))));
  }

  map(name: string): MapType {
    return this.#root(this.#maps, "map", name, (id) => new MapType(this.#register(id, toMapChange, asRefused("map", name))));
  }

  list(name: string): List {
    return this.#root(this.#lists, "list", name, (id) => new List(this.#register(id, toListChange, asRefused("list", name))));
  }

  /** The handle of a nested text that the wasm has opened. */
  nestedText(id: number): Text {
    return this.#nested(this.#texts, id, () => new Text(this.#register(id, toTextChange)));
  }

  nestedMap(id: number): MapType {
    return this.#nested(this.#maps, id, () => new MapType(this.#register(id, toMapChange)));
  }

  nestedList(id: number): List {
    return this.#nested(this.#lists, id, () => new List(this.#register(id, toListChange)));
  }

  deliver(event: RawChange): void {
    this.#types.get(event.target)?.deliver(event);
  }

  /** The change as one that was refused, if it is of a type that is open. */
  toRefused(event: RawChange): readonly RefusedChange[] {
    const refused = this.#types.get(event.target)?.toRefused?.(event);
    return refused ? [refused] : [];
  }

  /** Ends all observing, and keeps no handle. */
  clear(): void {
    for (const type of this.#types.values()) type.clear();
    this.#types.clear();
    this.rootNumbers.clear();
    for (const { roots, nested } of [this.#texts, this.#maps, this.#lists]) {
      roots.clear();
      nested.clear();
    }
  }

  #root<Handle extends object>(family: Family<Handle>, kind: string, name: string, make: (id: number) => Handle): Handle {
    const doc = this.#ref.id;
    const known = family.roots.get(name);
    if (known) return known;
    const id = this.#ref.raw.typeOpen(doc, kind, name);
    const handle = make(id);
    family.roots.set(name, handle);
    this.rootNumbers.set(handle, id);
    return handle;
  }

  #nested<Handle>(family: Family<Handle>, id: number, make: () => Handle): Handle {
    const known = family.nested.get(id);
    if (known) return known;
    // Looked at only where one is added, which is enough to keep no more of them than there are.
    this.#forgetDeleted();
    const handle = make();
    family.nested.set(id, handle);
    return handle;
  }

  #forgetDeleted(): void {
    for (const id of this.#ref.raw.docForgotten(this.#ref.id)) {
      this.#types.get(id)?.clear();
      for (const handles of [this.#types, this.#texts.nested, this.#maps.nested, this.#lists.nested]) handles.delete(id);
    }
  }

  #register<Change>(
    id: number,
    toChange: (event: RawChange) => Change,
    toRefused?: (change: Change) => RefusedChange,
  ): TypeRef<Change> {
    const ref = new TypeRef(this.#ref, this, id, toChange);
    this.#types.set(id, {
      deliver: (event) => ref.deliver(event),
      clear: () => ref.clear(),
      ...(toRefused && { toRefused: (event) => toRefused(toChange(event)) }),
    });
    return ref;
  }
}

/** A change as one that was refused: nobody but this document has made it. */
function asRefused<Type extends RefusedChange["type"]>(type: Type, name: string) {
  return <Change extends { readonly origin: unknown }>({ origin: _, ...change }: Change) => ({ type, name, ...change });
}
