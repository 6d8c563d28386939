/** Decides how the past of a document looks to the application: what a snapshot holds, to be read and nothing else. */

import { requireBytes } from "./check.js";
import type { Raw } from "./raw.js";
import type { TextDelta, Value } from "./types.js";

/** A text as it was. */
export interface PastText {
  /** The content with its formatting, as a delta of inserts. */
  toDelta(): TextDelta[];
  /** The content without formatting and embeds. */
  toString(): string;
}

/** A map as it was. */
export interface PastMap {
  readonly size: number;
  get(key: string): Value | undefined;
  has(key: string): boolean;
  keys(): string[];
  toJSON(): { [key: string]: Value };
}

/** A list as it was. */
export interface PastList {
  readonly length: number;
  get(index: number): Value | undefined;
  toJSON(): Value[];
}

/**
 * A document as a snapshot has it. It needs no closing: what is asked for is read from the bytes, and the wasm keeps
 * nothing of it. Each type is read once, when it is first asked for.
 */
export class PastDoc {
  readonly #raw: Raw;
  readonly #snapshot: Uint8Array;
  readonly #read = new Map<string, unknown>();

  /** @internal Throws with code `bad-snapshot` where the bytes are none. */
  constructor(raw: Raw, snapshot: Uint8Array) {
    // A copy, which stays what it is.
    this.#snapshot = Uint8Array.from(requireSnapshot(snapshot));
    this.#raw = raw;
    raw.pastCheck(this.#snapshot);
  }

  /** The text of this name; empty where there was none. Throws with code `wrong-kind` where it was something else. */
  text(name: string): PastText {
    const delta = this.#content<readonly TextDelta[]>("text", name);
    const words = (): string[] => delta.map((step) => ("insert" in step && typeof step.insert === "string" ? step.insert : ""));
    return { toDelta: () => structuredClone(delta) as TextDelta[], toString: () => words().join("") };
  }

  /** The map of this name; empty where there was none. */
  map(name: string): PastMap {
    const entries = this.#content<{ readonly [key: string]: Value }>("map", name);
    const has = (key: string): boolean => Object.hasOwn(entries, key);
    return {
      size: Object.keys(entries).length,
      has,
      get: (key) => (has(key) ? structuredClone(entries[key]) : undefined),
      keys: () => Object.keys(entries),
      toJSON: () => structuredClone(entries) as { [key: string]: Value },
    };
  }

  /** The list of this name; empty where there was none. */
  list(name: string): PastList {
    const items = this.#content<readonly Value[]>("list", name);
    return {
      length: items.length,
      get: (index) => structuredClone(items[index]),
      toJSON: () => structuredClone(items) as Value[],
    };
  }

  #content<Content>(kind: "text" | "map" | "list", name: string): Content {
    const key = `${kind} ${name}`;
    if (!this.#read.has(key)) this.#read.set(key, this.#raw.pastRead(this.#snapshot, kind, name));
    // The wasm answers in the shape that belongs to the kind.
    return this.#read.get(key) as Content;
  }
}

/** Returns `snapshot` when it is bytes. What they say is checked in the wasm. */
export function requireSnapshot(snapshot: Uint8Array): Uint8Array {
  return requireBytes(snapshot, "a snapshot");
}
