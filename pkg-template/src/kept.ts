/**
 * Decides what is kept of a document in memory that the wasm cannot reach, and how another instance goes on with it: what it
 * was opened with, what became part of it, the edits since then, and the events that nobody has seen.
 */

import { SynclineError } from "./errors.js";
import type { Poison } from "./in-hand.js";
import { Journal, type Part } from "./journal.js";
import type { Trap } from "./life.js";
import { Outbox } from "./outbox.js";
import type { RawEvent } from "./raw.js";
import type { Exports } from "./syncline.js";
import type { Told } from "./told.js";
import type { Recovered, Status, StatusReason } from "./types.js";

/** Something to be done to the document in whichever instance there is. */
export type Step = (wasm: Exports) => unknown;

/** A call of the wasm that has edited the document. */
export interface Edit {
  readonly name: keyof Exports;
  readonly args: readonly unknown[];
}

/** What a document is opened with. */
export interface Opening {
  readonly url: string;
  readonly room: string;
  readonly options: object | undefined;
}

/** What the application wants from some moment on, and so again in another instance. */
interface Wish {
  /** The place in the journal that was reached then. */
  readonly since: number;
  readonly step: Step;
}

/** One document. */
export class Kept {
  /** What the handles call it, in every instance. */
  readonly id: number;
  readonly events: Outbox;
  readonly journal = new Journal();
  /** Whether the application wants it connected. */
  isWanted: boolean;
  /** Whether no instance survives to open it. */
  isBroken = false;
  #opening: Opening;
  readonly #onNext: (kept: Kept) => void;
  readonly #onLarge: (kept: Kept) => void;
  /** What else it wants, by names of which each is wanted once. */
  readonly #wishes = new Map<string, Wish>();
  /** The numbers that the instance of this moment has for undo managers, by those that the handles have. */
  readonly #undos = new Map<number, number>();
  #lastUndo = 0;
  /** What may be pending in the wasm, in its order. */
  #edits: Edit[] = [];
  /** What comes behind it, where another instance has not got to it yet. */
  #edited: Edit[] = [];
  #settled = 0;
  #last: Status | undefined;
  #recovered: Recovered | undefined;
  #halted: StatusReason | undefined;
  #recoveries: number[] = [];
  #client = 0;
  #isInParts = false;
  #isCareful = false;
  readonly #poison: Poison[] = [];
  /** What the step of the rebuilding that is under way would have to do without, should it trap. */
  #leaveOut = (): void => {};

  /**
   * Calls `deliver` with the events, `onNext` when the wasm wants the first one delivered that waits, and `onLarge` when less
   * should be kept.
   */
  constructor(
    id: number,
    opening: Opening,
    deliver: (event: RawEvent) => void,
    onNext: (kept: Kept) => void,
    onLarge: (kept: Kept) => void,
  ) {
    this.id = id;
    this.#opening = opening;
    this.events = new Outbox((event) => {
      if (event.type === "status") this.#last = event.status;
      deliver(event.type === "status" ? { ...event, status: this.shown(event.status) } : event);
    });
    this.isWanted = (opening.options as { connect?: unknown } | undefined)?.connect !== false;
    this.#onNext = onNext;
    this.#onLarge = onLarge;
  }

  /**
   * Called by the wasm, which has written something down of the document: `records` are a view of its memory. All edits so far
   * may be pending, or only the last one, or none.
   */
  keep(records: Uint8Array, pending: "all" | "last" | "none", isReported: boolean): void {
    this.journal.add(records, isReported);
    if (this.journal.isLarge) this.#onLarge(this);
    if (pending !== "all") this.#edits = [];
    if (pending === "none") this.#settled += 1;
  }

  /** Has the wasm say in few records what is kept, if everybody has been told of all of it. */
  condense(wasm: Exports): void {
    if (!this.events.isEmpty || !this.journal.isReported || this.#edits.length > 0) return;
    const records = wasm.docCheckpoint(this.id);
    if (records) this.journal.replace(records);
  }

  /** Opens the document in an instance for the first time. */
  open(wasm: Exports): void {
    const { url, room, options } = this.#opening;
    wasm.docOpen(this.id, url, room, options, this.#listener, this, undefined);
    this.#client = wasm.docClientId(this.id);
    // They are good, and the application may change its object.
    this.#opening = { url, room, options: { ...options, connect: false } };
  }

  /** Under which id the document is edited in the instance of this moment. */
  get client(): number {
    return this.#client;
  }

  /** How often the wasm has said that nothing is pending. */
  get settled(): number {
    return this.#settled;
  }

  /** Keeps in mind what has edited the document, as long as it may be pending. */
  noteEdit(edit: Edit): void {
    this.#edits.push(edit);
  }

  /** Has something done again in another instance, at the same place between the changes. */
  wish(name: string, step: Step): void {
    this.#wishes.set(name, { since: this.journal.place, step });
  }

  unwish(name: string): void {
    this.#wishes.delete(name);
  }

  /** Keeps an undo manager that the wasm has opened; returns its number for the handles. */
  addUndo(number: number, open: (wasm: Exports) => number): number {
    this.#lastUndo += 1;
    const ours = this.#lastUndo;
    this.#undos.set(ours, number);
    this.wish(`undo ${ours}`, (wasm) => this.#undos.set(ours, open(wasm)));
    return ours;
  }

  /** The number that the wasm of this moment has for an undo manager. */
  undo(number: number): number {
    return this.#undos.get(number) ?? 0;
  }

  removeUndo(number: number): void {
    this.#undos.delete(number);
    this.unwish(`undo ${number}`);
  }

  /** A status with what the wasm does not know. */
  shown(status: Status): Status {
    if (!this.#recovered) return status;
    const halted = this.#halted && { phase: "stopped" as const, reason: this.#halted };
    return { ...status, ...halted, recovered: this.#recovered };
  }

  /** The status that was told last, of a document that no instance has any more. */
  get last(): Status {
    return this.shown(this.#last ?? { phase: "stopped", unsynced: 0, heldBy: "server", unsent: 0, refused: 0, attempt: 0 });
  }

  /** Has it connect again, whatever was before. */
  resume(): void {
    this.#halted = undefined;
    this.#recoveries = [];
    this.isWanted = true;
  }

  /** Notes that an instance has ended that had the document, and whether it was busy with it. */
  noteTrap(reason: Trap, wasBusy: boolean, now: number): void {
    this.#recovered = { count: (this.#recovered?.count ?? 0) + 1, reason };
    this.events.replaceUncertain([{ type: "recovered", reason }]);
    if (!wasBusy) return;
    this.#recoveries = [...this.#recoveries.filter((at) => now - at < RECENTLY), now];
    if (this.#recoveries.length === 1) this.#isCareful = false;
    if (this.#recoveries.length <= MOST_RECOVERIES) return;
    // Without a connection it should have come to rest.
    if (this.#recoveries.length > 2 * MOST_RECOVERIES) this.isBroken = true;
    const message = `the connection was given up: Syncline had to start anew ${MOST_RECOVERIES} times within a minute`;
    this.#halted = { code: "trapped", message };
  }

  /** Has another instance go on with the document. Where that traps, {@link leaveOut} is to be called, and this again. */
  rebuild(wasm: Exports): void {
    this.events.replaceUncertain([]);
    // What an instance says to be written is what was done to it.
    this.#edited = [...this.#edits, ...this.#edited];
    this.#edits = [];
    this.#begin(wasm);
    if (this.#isInParts) this.journal.told.forEach((part) => this.#replay(wasm, part));
    const wishes = [...this.#wishes];
    for (const part of this.journal.untold) {
      while (wishes[0] && wishes[0][1].since <= part.place) this.#wishAgain(wasm, wishes.shift());
      this.#replay(wasm, part);
    }
    while (wishes.length > 0) this.#wishAgain(wasm, wishes.shift());
    this.#editAgain(wasm);
    if (this.isWanted && !this.#halted) this.#step(() => wasm.docConnect(this.id), () => (this.isWanted = false));
  }

  /**
   * Notes what was in hand when an instance ended. It may be much, of which little has done it: so the next one takes in every
   * block by itself for a while, and what ends that one is left out.
   */
  noteInHand(poison: Poison): void {
    if (this.#isCareful) this.#poison.push(poison);
    this.#isCareful = true;
  }

  /** Does without what trapped. */
  leaveOut(): void {
    this.#leaveOut();
  }

  #begin(wasm: Exports): void {
    const { url, room, options } = this.#opening;
    const records = this.#isInParts ? new Uint8Array(0) : this.journal.toldRecords;
    const journal = { records, isCareful: this.#isCareful, poison: this.#poison };
    this.#step(
      () => {
        wasm.docOpen(this.id, url, room, options, this.#listener, this, journal);
        this.#client = wasm.docClientId(this.id);
      },
      () => {
        this.isBroken = this.#isInParts;
        this.#isInParts = true;
      },
    );
  }

  #wishAgain(wasm: Exports, entry: [string, Wish] | undefined): void {
    if (entry) this.#step(() => entry[1].step(wasm), () => this.unwish(entry[0]));
  }

  #editAgain(wasm: Exports): void {
    for (let edit = this.#edited[0]; edit; edit = this.#edited[0]) {
      const [again, before] = [edit, this.#settled];
      this.#step(() => this.#edit(wasm, again), () => this.#loseEdit());
      this.#edited.shift();
      if (this.#settled === before) this.#edits.push(again);
    }
  }

  /** What traps only when it is committed would be taken for harmless, again and again. */
  #edit(wasm: Exports, { name, args }: Edit): void {
    (wasm[name] as (...args: readonly unknown[]) => unknown)(...args);
    if (this.#recoveries.length > 1) wasm.docCommit(this.id);
  }

  #replay(wasm: Exports, part: Part): void {
    if (part.records.length > 0) this.#step(() => wasm.docReplay(this.id, part.records), () => this.#lose(part));
  }

  #step(run: () => unknown, leaveOut: () => void): void {
    this.#leaveOut = leaveOut;
    try {
      run();
    } catch (error) {
      // What was refused in its time is refused again, such as to observe what was deleted.
      if (!(error instanceof SynclineError)) throw error;
    }
  }

  #lose(part: Part): void {
    this.journal.leaveOut(part);
    this.#tellLoss();
  }

  #loseEdit(): void {
    this.#edited.shift();
    this.#tellLoss();
  }

  #tellLoss(): void {
    this.events.add([{ type: "problem", code: "trapped", message: "a change was left out that no instance survives" }]);
    this.events.settle();
  }

  /** The wasm tells an event, or wants the first one delivered that waits: then all that was kept so far is told by those. */
  readonly #listener = (...told: Told | []): void => {
    if (isTold(told)) return this.events.add(this.#named(told));
    this.journal.settle();
    this.events.settle();
    this.#onNext(this);
  };

  /** An event as the handles know what it is about. */
  #named(told: Told): Told {
    const [event] = told;
    if (typeof event === "string" || event.type !== "undo") return told;
    const known = [...this.#undos].find(([, number]) => number === event.manager);
    return [{ ...event, manager: known?.[0] ?? 0 }];
  }
}

function isTold(told: Told | []): told is Told {
  return told.length > 0;
}

/** How often a document may bring an instance to its end within {@link RECENTLY}, in milliseconds. */
const MOST_RECOVERIES = 10;
const RECENTLY = 60_000;
