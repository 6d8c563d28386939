/** Decides how a wasm instance ends: at its first trap and for good, letting go of all that others would wait for. */

import { readInHand, type InHand } from "./in-hand.js";

/** All values of {@link Trap}. */
export const TRAPS = [
  /** A defect of Syncline was met, and the wasm stopped where it stood. */
  "trap",
  /** There was no stack left. */
  "stack",
  /** There was no memory left. */
  "memory",
] as const;

/** Why an instance has ended. */
export type Trap = (typeof TRAPS)[number];

/** The same for people. */
export const TRAP_WORDS: { readonly [Reason in Trap]: string } = {
  trap: "it had met a defect",
  stack: "its stack was full",
  memory: "its memory was full",
};

/** What is thrown through the frames of an instance that has ended, and is seen by nobody else. */
const ENDED = new Error("this instance has ended");

/** How much memory an instance has that has probably ended for want of it; it may have 1 GiB. */
const MUCH_MEMORY = 1 << 29;

type Exported = (...args: unknown[]) => unknown;

/** One instance, from its beginning to its end. The glue calls nothing of the wasm, and nothing for it, but through here. */
export class Life {
  readonly #onEnded: () => void;
  readonly #belongings = new Belongings();
  readonly #timers = new Set<unknown>();
  #memory: WebAssembly.Memory | undefined;
  #handAt = 0;
  #noteEnded = (): void => {};
  /** Resolves when it has ended. */
  readonly ended: Promise<void> = new Promise((resolve) => (this.#noteEnded = resolve));
  #trap: Trap | undefined;

  /** Calls `onEnded` where the instance has ended in something that the browser had called. */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  /** Why it has ended; undefined while it goes on. */
  get trap(): Trap | undefined {
    return this.#trap;
  }

  /** What the wasm says that others could wait for. */
  get belongings(): Belongings {
    return this.#belongings;
  }

  /** The address of what is in hand, which the wasm says while it can be believed. */
  set handAt(address: number) {
    this.#handAt = address;
  }

  /** What it had in hand when it ended. */
  get inHand(): InHand | undefined {
    return this.#memory && readInHand(this.#memory, this.#handAt);
  }

  /** The timers as the glue has them, in place of the global ones. */
  readonly timers = {
    setTimeout: (task: () => void, wait: number): unknown => {
      const timer = globalThis.setTimeout(() => {
        this.#timers.delete(timer);
        task();
      }, wait);
      this.#timers.add(timer);
      return timer;
    },
    clearTimeout: (timer: unknown): void => {
      this.#timers.delete(timer);
      globalThis.clearTimeout(timer as number);
    },
  };

  /** The exports of an instance that begins, each of which ends it when it traps, and does nothing after that. */
  begin({ exports }: WebAssembly.Instance): Record<string, unknown> {
    this.#memory = exports["memory"] as WebAssembly.Memory;
    const guard = (value: unknown): unknown => (typeof value === "function" ? this.#guarded(value as Exported) : value);
    return Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, guard(value)]));
  }

  /** Keeps what has ended from going on, where code of others has run in between. */
  proceed(): void {
    if (this.#trap) throw ENDED;
  }

  /** Runs what the browser has called, which nobody could catch a trap of. */
  hear<Answer>(call: () => Answer): Answer | undefined {
    if (this.#trap) return undefined;
    try {
      return call();
    } catch (error) {
      if (!this.#trap) throw error;
      this.#onEnded();
      return undefined;
    }
  }

  /** Ends it: nothing of it runs any more, and nothing that it held is held. */
  end(error: unknown): void {
    this.#trap = trapOf(error, this.#memory?.buffer.byteLength ?? 0);
    for (const timer of this.#timers) globalThis.clearTimeout(timer as number);
    for (const belonging of this.#belongings) letGo(belonging);
    this.#timers.clear();
    this.#belongings.clear();
    this.#noteEnded();
  }

  /** Whatever comes out of the wasm as an exception is a trap: what it refuses it returns. */
  #guarded(run: Exported): Exported {
    return (...args) => {
      if (this.#trap) return undefined;
      try {
        return run(...args);
      } catch (error) {
        if (!this.#trap) this.end(error);
        throw ENDED;
      }
    };
  }
}

/** What an instance says that others could wait for. */
class Belongings extends Set<unknown> {
  /** Makes something that is on the list at once. */
  make(constructor: new (...args: unknown[]) => object, args: unknown[]): object {
    const thing = Reflect.construct(constructor, args) as object;
    this.add(thing);
    return thing;
  }
}

function trapOf(error: unknown, memory: number): Trap {
  if (!(error instanceof Error)) return "trap";
  // Firefox has an error of its own for it.
  if (error instanceof RangeError || error.name === "InternalError") return "stack";
  if (memory >= MUCH_MEMORY) return "memory";
  // The stack of the wasm ends where its memory begins, and nothing else of it ever reaches beyond that.
  return /out of bounds/i.test(error.message) && !/table/i.test(error.message) ? "stack" : "trap";
}

/** What the wasm has put on the list is one of these; see `src/browser/belonging.rs`. */
function letGo(belonging: unknown): void {
  try {
    if (typeof belonging === "function") belonging();
    else if (Array.isArray(belonging)) (belonging[0] as EventTarget).removeEventListener(belonging[1], belonging[2]);
    else if ("onupgradeneeded" in (belonging as object)) abandon(belonging as IDBOpenDBRequest);
    else if ("abort" in (belonging as object)) (belonging as AbortController).abort();
    else (belonging as { close(): void }).close();
  } catch {
    // A class of the application may throw; the others are still to be let go of.
  }
}

/** A database that is still being opened is closed at once; one that would only be made is not. */
function abandon(request: IDBOpenDBRequest): void {
  request.addEventListener("upgradeneeded", () => request.transaction?.abort());
  request.addEventListener("success", () => request.result.close());
  // Firefox reports as uncaught what is not prevented.
  request.addEventListener("error", (event) => event.preventDefault());
}
