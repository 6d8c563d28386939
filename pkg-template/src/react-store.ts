/** Decides when components read a shared type anew, and that all of them see the same. */

import type { Unsubscribe } from "./types.js";

/** Where snapshots come from. */
export interface Source<Snapshot> {
  /** The content at this moment: `before`, if that is the same. Throws once there is none. */
  read(before: Snapshot): Snapshot;
  /** Calls `onChange` when there is something else to read. */
  observe(onChange: () => void): Unsubscribe;
}

/** The snapshots of one source, for any number of components: what `useSyncExternalStore` asks for. */
export class Store<Snapshot> {
  readonly #source: Source<Snapshot>;
  readonly #listeners = new Set<() => void>();
  #stop: Unsubscribe = () => {};
  #snapshot: Snapshot;
  /** Whether the snapshot may be shown without a look; nobody tells of changes while nobody listens. */
  #isFresh = false;

  /** @param empty what is shown where there never was anything to read */
  constructor(source: Source<Snapshot>, empty: Snapshot) {
    this.#source = source;
    this.#snapshot = empty;
  }

  /** The same object until something changes. */
  readonly snapshot = (): Snapshot => {
    if (this.#isFresh) return this.#snapshot;
    this.#snapshot = unlessGone(() => this.#source.read(this.#snapshot), this.#snapshot);
    this.#isFresh = this.#listeners.size > 0;
    return this.#snapshot;
  };

  readonly subscribe = (listener: () => void): Unsubscribe => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#stop = unlessGone(() => this.#source.observe(() => this.#change()), () => {});
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#isFresh = false;
      this.#stop();
    };
  };

  #change(): void {
    this.#isFresh = false;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What `work` returns, or `otherwise` where the document was closed, or the type deleted, before the component left. */
export function unlessGone<Result>(work: () => Result, otherwise: Result): Result {
  try {
    return work();
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === "closed" || code === "deleted") return otherwise;
    throw error;
  }
}
