/** Decides how two that edit the same text at once stay the same: each knows what the other has not seen of it. */

import { normal, transform, type Order } from "./delta-transform.js";
import type { TextDelta } from "./types.js";

/** One side of two, who send each other every delta they make, in order. */
export class Concurrent {
  readonly #order: Order;
  /** The deltas of this side that the other has not seen, as they apply to what it has. */
  #unseen: TextDelta[][] = [];

  /** One side goes first, the other second. */
  constructor(order: Order) {
    this.#order = order;
  }

  get unseen(): number {
    return this.#unseen.length;
  }

  /** Notes a delta of this side. */
  add(delta: readonly TextDelta[]): void {
    this.#unseen.push(normal(delta));
  }

  /** The other side has seen the first `count`; returns the last of them as it applies there. */
  see(count: number): TextDelta[] | undefined {
    return this.#unseen.splice(0, count).at(-1);
  }

  /** A delta of the other side, for where all of this side is done; what is unseen comes after it from here on. */
  receive(delta: readonly TextDelta[]): TextDelta[] {
    const other: Order = this.#order === "first" ? "second" : "first";
    let theirs = normal(delta);
    this.#unseen = this.#unseen.map((ours) => {
      const after = transform(theirs, ours, other);
      theirs = transform(ours, theirs, this.#order);
      return after;
    });
    return theirs;
  }

  clear(): void {
    this.#unseen = [];
  }
}
