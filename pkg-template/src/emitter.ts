/** Decides how observers are called: each of them, whatever the others do. */

import { SynclineError } from "./errors.js";
import type { Observer, Unsubscribe } from "./types.js";

/** The observers of one kind of event. */
export class Observers<Event> {
  // Entries rather than functions: a function that subscribed twice is called twice and ends each by itself.
  readonly #entries = new Set<{ readonly observer: Observer<Event> }>();

  get size(): number {
    return this.#entries.size;
  }

  /** Adds an observer; the returned function takes it away. */
  add(observer: Observer<Event>): Unsubscribe {
    if (typeof observer !== "function") {
      throw new SynclineError("bad-argument", `an observer must be a function, not ${typeof observer}`);
    }
    const entry = { observer };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /**
   * Calls those who observe at this moment. One that is added meanwhile waits for the next event, one that is taken
   * away meanwhile is not called, and one that throws stops nothing.
   */
  emit(event: Event): void {
    if (this.#entries.size === 0) return;
    for (const entry of [...this.#entries]) {
      if (!this.#entries.has(entry)) continue;
      try {
        entry.observer(event);
      } catch (error) {
        report(error);
      }
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Makes an error that nobody can catch visible as any uncaught one. Node has no `reportError`. */
export function report(error: unknown): void {
  if (typeof globalThis.reportError === "function") {
    globalThis.reportError(error);
    return;
  }
  queueMicrotask(() => {
    throw error;
  });
}
