/** Decides which events of a document still have to be delivered, also where the instance that told them has ended. */

import type { RawEvent } from "./raw.js";
import { eventReader, type Told } from "./told.js";

/** The events of one document that nobody has seen, in their order. */
export class Outbox {
  readonly #deliver: (event: RawEvent) => void;
  readonly #read = eventReader();
  readonly #waiting: RawEvent[] = [];
  /** How many of them are delivered in any case. Those behind come again where the instance ends. */
  #certain = 0;

  constructor(deliver: (event: RawEvent) => void) {
    this.#deliver = deliver;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether there is one that is delivered in any case. */
  get isDue(): boolean {
    return this.#certain > 0;
  }

  /** Adds what the wasm tells. */
  add(told: Told): void {
    this.#waiting.push(this.#read(...told));
  }

  /** Makes it certain that all that wait are delivered. */
  settle(): void {
    this.#certain = this.#waiting.length;
  }

  /** Takes away what comes again, and adds what there is to tell in place of the instance that has ended. */
  replaceUncertain(events: readonly RawEvent[]): void {
    this.#waiting.length = this.#certain;
    for (const event of events) this.add([event]);
    this.settle();
  }

  /** Delivers the first one, if there is any. */
  deliverFirst(): void {
    const event = this.#waiting.shift();
    if (!event) return;
    this.#certain = Math.max(0, this.#certain - 1);
    this.#deliver(event);
  }
}
