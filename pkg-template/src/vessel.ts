/**
 * Decides what follows from a trap: another instance of the same wasm takes over at once, with what is kept of each document,
 * and the call that was interrupted is made again.
 */

import { report } from "./emitter.js";
import { SynclineError } from "./errors.js";
import type { InHand } from "./in-hand.js";
import type { Kept } from "./kept.js";
import { Life } from "./life.js";
import { instantiate, type Exports } from "./syncline.js";

/** The wasm, whichever instance there is, and the documents in it. */
export class Vessel {
  readonly docs = new Map<number, Kept>();
  readonly #module: WebAssembly.Module;
  #life: Life;
  /** Nothing where none could take over yet, such as for want of memory. */
  #wasm: Exports | undefined;
  /** How many events are being delivered, one within the other. */
  #depth = 0;
  /** Whether an instance has left events behind. Until they are delivered, those of the next one wait. */
  #isBehind = false;
  /** How often something was left out that no instance survives. */
  #leftOut = 0;
  readonly #condensing = new Set<Kept>();

  /** Throws where there is no memory for an instance. */
  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#life = new Life(() => {});
    this.#wasm = this.#begin();
  }

  /** What can be called. */
  get names(): (keyof Exports)[] {
    return Object.keys(this.#wasm ?? {}) as (keyof Exports)[];
  }

  /**
   * Does something in the instance that there is; once more where that traps. `doc` is the document that it concerns. What
   * traps again is left out: `onGivenUp` is called, and an error with the code `trapped` thrown.
   */
  run<Answer>(step: (wasm: Exports) => Answer, doc?: Kept, onGivenUp?: () => void): Answer {
    for (let traps = 0; ; ) {
      const wasm = this.#wasm ?? this.#takeOver();
      const life = this.#life;
      try {
        return step(wasm);
      } catch (error) {
        if (!life.trap) throw error;
      }
      // An observer may have called what trapped, within this call: then another instance has taken over.
      if (this.#life !== life) continue;
      traps += 1;
      this.#noteEnd(doc);
      if (traps > 1) onGivenUp?.();
      const before = this.#leftOut;
      this.#takeOver();
      // It may have been what another call had left pending, which is gone then.
      if (traps > 1 && (this.#leftOut === before || traps > MOST_ATTEMPTS)) {
        throw trapped("the call was left out: Syncline does not survive it");
      }
    }
  }

  /** The same for what ends later. */
  async runLater<Answer>(step: (wasm: Exports) => Promise<Answer>): Promise<Answer> {
    for (let traps = 0; traps < 2; traps += 1) {
      const answer = this.run(step);
      const ended = Symbol();
      const outcome = await Promise.race([answer, this.#life.ended.then(() => ended)]);
      if (outcome !== ended) return answer;
    }
    throw trapped("it was left out: Syncline does not survive it");
  }

  /** Delivers the first event of a document that waits; later, where some are left from before. */
  readonly tellNext = (doc: Kept): void => {
    if (this.#isBehind) return;
    this.#depth += 1;
    try {
      doc.events.deliverFirst();
    } finally {
      this.#depth -= 1;
    }
    this.catchUp();
  };

  /** Has less kept of a document, in a turn in which nothing else happens. */
  readonly condenseSoon = (doc: Kept): void => {
    if (this.#condensing.has(doc)) return;
    this.#condensing.add(doc);
    setTimeout(() => {
      this.#condensing.delete(doc);
      if (this.docs.get(doc.id) === doc) this.run((wasm) => doc.condense(wasm), doc);
    });
  };

  /** Delivers what an instance has left behind, and what comes of it. */
  catchUp(): void {
    if (!this.#isBehind || this.#depth > 0) return;
    this.#depth = 1;
    try {
      for (let doc = this.#firstDue(); doc; doc = this.#firstDue()) doc.events.deliverFirst();
      this.#isBehind = false;
    } finally {
      this.#depth = 0;
    }
  }

  #firstDue(): Kept | undefined {
    return [...this.docs.values()].find((doc) => doc.events.isDue);
  }

  #begin(): Exports {
    const life: Life = new Life(() => this.#afterNews(life));
    const wasm = instantiate(this.#module, life);
    this.#life = life;
    wasm.start(SynclineError, life.belongings);
    life.handAt = wasm.inHand();
    return wasm;
  }

  /** Something that the browser has called came to its end with an instance. */
  #afterNews(life: Life): void {
    if (this.#life === life) {
      this.#noteEnd(undefined);
      try {
        this.#takeOver();
      } catch (error) {
        // There is nobody to throw to. The next call tries again.
        report(error);
      }
    }
    this.catchUp();
  }

  /** `doc` is the document that the instance was busy with, where that is known. */
  #noteEnd(doc: Kept | undefined): void {
    const { trap = "trap", inHand } = this.#life;
    this.#wasm = undefined;
    this.#isBehind = true;
    const busy = this.#docOf(inHand) ?? doc;
    const now = Date.now();
    for (const kept of this.docs.values()) kept.noteTrap(trap, busy === undefined || kept === busy, now);
    if (inHand) busy?.noteInHand(inHand.poison);
    // Observers are not called within an edit.
    queueMicrotask(() => this.catchUp());
  }

  /** Has another instance go on with all documents, and leaves out what none survives. */
  #takeOver(): Exports {
    for (;;) {
      const wasm = this.#beginAnother();
      const unfinished = this.#rebuild(wasm);
      if (!unfinished) return (this.#wasm = wasm);
      // A document that is only too large is whole.
      if (this.#life.trap === "memory") throw trapped("there is not enough memory for the documents that are open");
      const { inHand } = this.#life;
      if (inHand && this.#docOf(inHand) === unfinished) unfinished.noteInHand(inHand.poison);
      else unfinished.leaveOut();
      this.#leftOut += 1;
    }
  }

  #docOf(inHand: InHand | undefined): Kept | undefined {
    return inHand && [...this.docs.values()].find(({ client }) => client % 2 ** 32 === inHand.client);
  }

  #beginAnother(): Exports {
    try {
      return this.#begin();
    } catch (cause) {
      throw trapped("there is no memory to start anew", cause);
    }
  }

  /** Returns the document that it trapped at. */
  #rebuild(wasm: Exports): Kept | undefined {
    for (const doc of this.docs.values()) {
      if (doc.isBroken) continue;
      try {
        doc.rebuild(wasm);
      } catch (error) {
        if (this.#life.trap) return doc;
        // There is no stack left, say: it is begun again with the next call.
        this.#life.end(error);
        throw error;
      }
    }
    return undefined;
  }
}

/** How often a call is made again at most. */
const MOST_ATTEMPTS = 5;

function trapped(message: string, cause?: unknown): SynclineError {
  return new SynclineError("trapped", message, { cause });
}
