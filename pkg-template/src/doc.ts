/// <reference lib="esnext.disposable" preserve="true" />
/** Decides how a document looks to the application: its types, transactions, events and end. */

import { Broadcasts, PREFIX, writeEvent } from "./broadcasts.js";
import { requireBytes } from "./check.js";
import { Observers } from "./emitter.js";
import { SynclineError } from "./errors.js";
import { Handles } from "./handles.js";
import { PastDoc, requireSnapshot } from "./history.js";
import { TRAP_WORDS, type Trap } from "./life.js";
import type { List } from "./list.js";
import type { MapType } from "./map.js";
import { toCounters, toTrace, type Counters, type Trace } from "./observe.js";
import { notStored, obstacleToForgetting, obstacleToSaving, obstacleToStoring } from "./obstacles.js";
import { Presence } from "./presence.js";
import type { Options } from "./options.js";
import type { Raw, RawEvent } from "./raw.js";
import { delivered, DocRef } from "./refs.js";
import type { Text } from "./text.js";
import { asyncTransaction, synchronous, type Synchronous } from "./transaction.js";
import { withTokens } from "./token.js";
import type { Broadcast, DocEvents, JsonValue, Observer, Problem, Status, Unsubscribe } from "./types.js";
import { openUndo, UNDO_STACKS, type UndoManager, type UndoOptions } from "./undo.js";
import { warnBeforeUnload } from "./unload.js";
import { Witness } from "./witness.js";

/** A document, kept in step with a server. Made by `open`. */
export class Doc {
  /** Who is here. */
  readonly presence: Presence;

  readonly #ref: DocRef;
  readonly #handles: Handles;
  readonly #options: Options | undefined;
  /** A document that cannot be opened says so by what it throws, and has none. */
  readonly #witness: Witness | undefined;
  readonly #undos = new Map<number, UndoManager>();
  readonly #events: { readonly [Name in keyof DocEvents]: Observers<DocEvents[Name]> } = {
    status: new Observers(),
    update: new Observers(),
    presence: new Observers(),
    refused: new Observers(),
    message: new Observers(),
    problem: new Observers(),
    close: new Observers(),
  };
  readonly #broadcasts = new Broadcasts();
  readonly #opened: Promise<void>;
  #settleOpened = (): void => {};
  /** Problems from before `open` was done, when nobody could listen; the first who does is told. */
  readonly #early: Problem[] = [];
  #isOpened = true;
  #isInTransaction = false;
  #finalStatus: Status | undefined;
  #lastClient = 0;
  /** Who was told to be here. */
  readonly #present = new Set<number>();

  /** @internal */
  constructor(raw: Raw, url: string, room: string, options?: Options) {
    const id = raw.docOpen(url, room, withTokens(options), delivered((event: RawEvent) => this.#deliver(event)));
    this.#ref = new DocRef(raw, id);
    void this.clientId;
    this.#handles = new Handles(this.#ref);
    this.presence = new Presence(this.#ref, () => this.clientId);
    this.#options = options;
    this.#witness = new Witness(options?.logger, () => this.clientId);
    this.#opened = this.status.store ? this.#untilOpened() : Promise.resolve();
    if (options?.warnBeforeUnload) warnBeforeUnload(this, options.warnBeforeUnload);
  }

  /** Names this replica to the others; random for each `open`, and another one after it was `recovered`. */
  get clientId(): number {
    if (this.#ref.isOpen) this.#lastClient = this.#ref.raw.docClientId(this.#ref.id);
    return this.#lastClient;
  }

  /** @internal Resolves when what this device keeps is here, or was waited for long enough. */
  get opened(): Promise<void> {
    return this.#opened;
  }

  /** Where the document stands with its server. It can be read after `close()` too. */
  get status(): Status {
    return this.#finalStatus ?? this.#ref.raw.docStatus(this.#ref.id);
  }

  /** The shared text of this name; the same object at every call. */
  text(name: string): Text {
    return this.#handles.text(name);
  }

  /** The shared map of this name; the same object at every call. */
  map(name: string): MapType {
    return this.#handles.map(name);
  }

  /** The shared list of this name; the same object at every call. */
  list(name: string): List {
    return this.#handles.list(name);
  }

  /**
   * Runs `edits` as one change: one event for each type, one message. What was edited before is committed first; what
   * `edits` did is committed at its end, also when it throws. Within another transaction it joins that one.
   */
  transact<Result>(edits: (() => Result) & (() => Synchronous<Result>)): Result {
    const doc = this.#ref.id;
    // Refused before it runs, where that can be seen.
    if (Object.prototype.toString.call(edits) === "[object AsyncFunction]") throw asyncTransaction();
    if (this.#isInTransaction) return synchronous(edits());
    this.#ref.raw.docCommit(doc);
    this.#isInTransaction = true;
    try {
      return synchronous(edits());
    } finally {
      this.#isInTransaction = false;
      if (this.#ref.isOpen) this.#ref.raw.docCommit(doc);
    }
  }

  /** Has the edits of these texts, maps and lists undone and redone: those made here, and nobody else's. */
  undo(options: UndoOptions): UndoManager {
    return openUndo(this.#ref, this.#handles.rootNumbers, this.#undos, options);
  }

  /** Calls `observer` at every event of this name. */
  on<Name extends keyof DocEvents>(name: Name, observer: Observer<DocEvents[Name]>): Unsubscribe {
    void this.#ref.id;
    const event = String(name);
    // Every event of this form is a Broadcast, which TypeScript does not see.
    if (event.startsWith(PREFIX)) return this.#broadcasts.on(event.slice(PREFIX.length), observer as Observer<Broadcast>);
    if (!Object.hasOwn(this.#events, name)) {
      const known = [...Object.keys(this.#events), `${PREFIX}<event>`].join(", ");
      throw new SynclineError("bad-argument", `there is no event '${event}', only ${known}`);
    }
    const stop = this.#events[name].add(observer);
    if (name === "update") return this.#watchUpdates(stop);
    if (name === "problem") queueMicrotask(() => this.#early.splice(0).forEach((early) => this.#events.problem.emit(early)));
    return stop;
  }

  /**
   * Resolves when the server, or with a relay somebody else, has been shown to hold every edit of this document. Waits
   * through lost connections; rejects with code `stopped` or `closed` when it cannot happen any more.
   */
  async saved(): Promise<void> {
    await this.#until((status) => status.unsynced === 0 || obstacleToSaving(status));
  }

  /**
   * Resolves when every edit is on this device. Waits while the device fails; rejects with code `not-stored` where the
   * document is not kept, and `closed` when it cannot happen any more.
   */
  async stored(): Promise<void> {
    await this.#until((status) => status.unstored === 0 || obstacleToStoring(status));
  }

  /**
   * Deletes what this device keeps of the document, and keeps nothing of it until it is opened again; in other tabs too.
   * The document itself stays open. Resolves when nothing is left on the device; rejects with code `not-stored` where the
   * document is not kept.
   */
  async forget(): Promise<void> {
    if (!this.status.store) throw notStored();
    this.#ref.raw.docForget(this.#ref.id);
    await this.#until((status) => status.store?.phase === "forgotten" || obstacleToForgetting(status));
  }

  /**
   * Sends a message that is not part of the document, where the server takes such: a stateless message of Hocuspocus.
   * Returns whether there was a connection to send it over that was not too slow: it is not kept for later. Throws with code
   * `unsupported` where the protocol has no such messages. What the server sends comes as the event `message`.
   */
  send(message: string): boolean {
    return this.#ref.raw.docSend(this.#ref.id, message);
  }

  /**
   * Tells everybody else who has the document open: an event of 1 to 64 characters, with something that JSON can hold. They
   * hear of it by `doc.on("broadcast:<event>", …)`, once. Returns whether there was a connection to send it over that was not
   * too slow: it is not kept for later. Event and payload together are at most 16 KiB of JSON.
   */
  broadcast(event: string, payload: JsonValue = null): boolean {
    return this.#ref.raw.docBroadcast(this.#ref.id, writeEvent(event, payload));
  }

  /** Starts to connect, where the option `connect` was false or after `disconnect()`. */
  connect(): void {
    this.#ref.raw.docConnect(this.#ref.id);
  }

  /** Closes the connection until `connect()`. The document can be edited meanwhile. */
  disconnect(): void {
    this.#ref.raw.docDisconnect(this.#ref.id);
  }

  /** Drops the connection, or the wait for one, and connects at once; also from the phase `stopped`. */
  reconnect(): void {
    this.#ref.raw.docReconnect(this.#ref.id);
  }

  /**
   * One sentence for people and for support: why something is not saved, or that all is. It begins with "All is saved"
   * exactly if all is, and has no contents and no tokens.
   */
  explain(): string {
    return this.#ref.raw.docExplain(this.#ref.id);
  }

  /** What happened last, by kind and in numbers, as plain JSON: to be attached to a report of a defect. */
  trace(): Trace {
    return toTrace(this.#ref.raw.docTrace(this.#ref.id), this.#options);
  }

  /** What was counted since the document was opened. */
  counters(): Counters {
    return toCounters(this.#ref.raw.docCounters(this.#ref.id));
  }

  /** The content as a Yjs update (v1), or only what a replica with this state vector lacks. */
  encodeUpdate(stateVector?: Uint8Array): Uint8Array {
    const known = stateVector === undefined ? undefined : requireBytes(stateVector, "the state vector");
    return this.#ref.raw.docEncodeUpdate(this.#ref.id, known);
  }

  /** Merges a Yjs update (v1) into the document. */
  applyUpdate(update: Uint8Array): void {
    this.#ref.raw.docApplyUpdate(this.#ref.id, requireBytes(update, "the update"));
  }

  /** How much of everyone's edits is here, as a Yjs state vector (v1). */
  stateVector(): Uint8Array {
    return this.#ref.raw.docStateVector(this.#ref.id);
  }

  /** The whole document as it is: bytes that any Syncline can read at any time, wherever the application keeps them. */
  snapshot(): Uint8Array {
    return this.#ref.raw.docSnapshot(this.#ref.id);
  }

  /** The document as it was in a snapshot, to be read. Throws with code `bad-snapshot` where the bytes are none. */
  at(snapshot: Uint8Array): PastDoc {
    void this.#ref.id;
    return new PastDoc(this.#ref.raw, snapshot);
  }

  /**
   * Makes every text, map and list what it was in the snapshot, as one edit: those that are open here, and those that were
   * open where it was made. Only what differs is touched, and it can be undone. Throws with code `bad-snapshot` or
   * `wrong-kind`, and changes nothing then.
   */
  restore(snapshot: Uint8Array): void {
    this.#ref.raw.docRestore(this.#ref.id, requireSnapshot(snapshot));
  }

  /**
   * Commits, sends what can be sent, takes the presence back and releases everything. Afterwards every method throws
   * with code `closed`. Call `saved()` before where the edits must have reached the server. Closing again does nothing.
   */
  async close(): Promise<void> {
    if (!this.#ref.isOpen) return;
    this.#ref.raw.docCommit(this.#ref.id);
    // An observer of that commit may have closed the document.
    if (!this.#ref.isOpen) return;
    const { unsynced, heldBy, unsent, unstored, refused, recovered } = this.status;
    const kept = unstored !== undefined && { unstored };
    const known = { unsynced, heldBy, unsent, refused, ...kept, ...(recovered && { recovered }) };
    const final: Status = { phase: "closed", ...known, attempt: 0 };
    this.#finalStatus = final;
    try {
      this.#ref.raw.docClose(this.#ref.release());
    } finally {
      this.#end(final);
    }
  }

  /** Lets `await using` close the document. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Has updates told until the last who listens calls what this returns. */
  #watchUpdates(stop: Unsubscribe): Unsubscribe {
    this.#ref.raw.docWatchUpdates(this.#ref.id);
    return () => {
      stop();
      if (this.#events.update.size === 0 && this.#ref.isOpen) this.#ref.raw.docUnwatchUpdates(this.#ref.id);
    };
  }

  #untilOpened(): Promise<void> {
    this.#isOpened = false;
    return new Promise((resolve) => {
      this.#settleOpened = () => {
        this.#isOpened = true;
        resolve();
      };
    });
  }

  /** Called by the wasm with one event at a time: what an observer causes comes after everyone has seen this one. */
  #deliver(event: RawEvent): void {
    if (this.#finalStatus) return;
    this.#witness?.see(event);
    switch (event.type) {
      case "status":
        return this.#events.status.emit(event.status);
      case "opened":
        return this.#settleOpened();
      case "change":
        return this.#handles.deliver(event);
      case "undo":
        return this.#undos.get(event.manager)?.deliver(event);
      case "update":
        return this.#events.update.emit({ update: event.update, origin: event.origin });
      case "refused": {
        const changes = event.changes.flatMap((change) => this.#handles.toRefused(change));
        return this.#events.refused.emit({ changes });
      }
      case "message":
        return this.#events.message.emit(event.text);
      case "broadcast":
        return this.#broadcasts.deliver(event.from, event.event);
      case "problem": {
        const problem = { code: event.code, message: event.message };
        return void (this.#isOpened ? this.#events.problem.emit(problem) : this.#early.push(problem));
      }
      case "recovered":
        return this.#noteRecovery(event.reason);
      case "presence": {
        const { added, updated, removed } = event;
        for (const client of added) this.#present.add(client);
        for (const client of removed) this.#present.delete(client);
        this.presence.refresh();
        return this.#events.presence.emit({ added, updated, removed });
      }
    }
  }

  /** Another instance has none of what is kept nowhere: who was here comes again, and the steps of undo do not. */
  #noteRecovery(reason: Trap): void {
    const removed = [...this.#present];
    this.#present.clear();
    this.presence.refresh();
    if (removed.length > 0) this.#events.presence.emit({ added: [], updated: [], removed });
    for (const [manager, undo] of this.#undos) {
      for (const stack of UNDO_STACKS) undo.deliver({ type: "undo", manager, change: "cleared", stack });
    }
    const message = `the wasm was started anew, nothing of the document is lost: ${TRAP_WORDS[reason]}`;
    this.#deliver({ type: "problem", code: "recovered", message });
  }

  /** Commits, then resolves when `settled` says true and rejects with the error that it says instead. */
  async #until(settled: (status: Status) => boolean | SynclineError): Promise<void> {
    this.#ref.raw.docCommit(this.#ref.id);
    await new Promise<void>((resolve, reject) => {
      const stop = this.on("status", check);
      check(this.status);

      function check(status: Status): void {
        const outcome = settled(status);
        if (outcome === false) return;
        stop();
        if (outcome === true) resolve();
        else reject(outcome);
      }
    });
  }

  #end(final: Status): void {
    this.#settleOpened();
    this.#witness?.see({ type: "status", status: final });
    this.#events.status.emit(final);
    this.#events.close.emit(final);
    for (const observers of Object.values(this.#events)) observers.clear();
    this.#broadcasts.clear();
    this.#handles.clear();
    for (const undo of this.#undos.values()) undo.end();
    this.#undos.clear();
  }
}
