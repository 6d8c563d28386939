/** Decides what the handles of one document share: where it is in the wasm, and whether it is still open. */

import { Observers } from "./emitter.js";
import { SynclineError } from "./errors.js";
import type { Handles } from "./handles.js";
import { requireSnapshot } from "./history.js";
import type { Raw, RawChange } from "./raw.js";
import type { Observer, Unsubscribe } from "./types.js";

/** A document within a wasm instance. */
export class DocRef {
  readonly raw: Raw;
  readonly #id: number;
  #open = true;

  constructor(raw: Raw, id: number) {
    this.raw = raw;
    this.#id = id;
  }

  /** The document's number. Throws once the document is closed, and so does every method that asks for it. */
  get id(): number {
    if (!this.#open) throw new SynclineError("closed", "the document is closed");
    return this.#id;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Marks the document as closed and returns its number, for the last call. */
  release(): number {
    this.#open = false;
    return this.#id;
  }
}

/** How many events are being delivered, one within the other, of any document. */
let delivering = 0;

/** Whether an observer is running: what it causes comes after everyone has seen the event. */
export function isDelivering(): boolean {
  return delivering > 0;
}

/** A listener for the wasm, of which {@link isDelivering} knows. */
export function delivered<Told extends readonly unknown[]>(deliver: (...told: Told) => void): (...told: Told) => void {
  return (...told) => {
    delivering += 1;
    try {
      deliver(...told);
    } finally {
      delivering -= 1;
    }
  };
}

/** A shared type within a document. */
export class TypeRef<Change> {
  readonly raw: Raw;
  /** Where the types nested in this one get theirs. */
  readonly handles: Handles;
  readonly type: number;
  readonly #doc: DocRef;
  readonly #toChange: (event: RawChange) => Change;
  readonly #observers = new Observers<Change>();

  constructor(doc: DocRef, handles: Handles, type: number, toChange: (event: RawChange) => Change) {
    this.raw = doc.raw;
    this.handles = handles;
    this.type = type;
    this.#doc = doc;
    this.#toChange = toChange;
  }

  /** The document's number; throws once it is closed. */
  get doc(): number {
    return this.#doc.id;
  }

  /** The wasm computes changes only while somebody observes. */
  observe(observer: Observer<Change>): Unsubscribe {
    const doc = this.#doc.id;
    const remove = this.#observers.add(observer);
    if (this.#observers.size === 1) this.#start(doc, remove);
    return () => {
      const before = this.#observers.size;
      remove();
      const wasLast = before === 1 && this.#observers.size === 0;
      if (wasLast && this.#doc.isOpen) this.raw.typeUnobserve(this.#doc.id, this.type);
    };
  }

  #start(doc: number, undo: Unsubscribe): void {
    try {
      this.raw.typeObserve(doc, this.type);
    } catch (deleted) {
      undo();
      throw deleted;
    }
  }

  restore(snapshot: Uint8Array): void {
    this.raw.typeRestore(this.#doc.id, this.type, requireSnapshot(snapshot));
  }

  deliver(event: RawChange): void {
    this.#observers.emit(this.#toChange(event));
  }

  clear(): void {
    this.#observers.clear();
  }
}
