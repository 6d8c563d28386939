// Decides what a session is: peers that do what its program says, and what must hold between its steps and in the end.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import * as Y from "yjs";
import { contentOf, knowledgeOf, xmlOf } from "./content.mjs";
import { makeEdit, placeIn } from "./edits.mjs";
import { Network } from "./network.mjs";
import { SynclinePeer } from "./syncline-peer.mjs";
import { YjsPeer } from "./yjs-peer.mjs";

const KINDS = { syncline: SynclinePeer, yjs: YjsPeer };
/** How often all exchange what they lack; what Yjs cleans up after each makes more to exchange. */
const MOST_REPAIRS = 8;
/** The client id of those who only look at the end. */
const STRANGER = 1;
/** An update with nothing in it, for where there may be none. */
const EMPTY = Uint8Array.of(0, 0);

/**
 * @typedef {object} Program what a session consists of; every part can be left out but the peers
 * @property {{ kind: "syncline" | "yjs", id: number, undo?: number, blind?: boolean, keeps?: boolean, gossip?: boolean }[]} peers
 *   `undo` is the timeout of an undo manager; a `blind` one observes nothing; one of Yjs may keep the content of what is
 *   deleted; one that likes `gossip` passes on what it hears
 * @property {boolean} [emoji] whether a text may have surrogate pairs
 * @property {object[]} steps `do` names the method of {@link Session} that takes it
 */

/**
 * Runs a program; throws what does not hold, with `step`, the number of the step after which it does not.
 * @param {Program} program
 * @returns {Promise<{ operations: number, taken: number }>} how many edits, turns of undo and deliveries there were, and
 *   how many updates that Yjs had made went to Syncline, which throws at one that it refuses
 */
export async function runSession(program) {
  const session = await Session.open(program);
  let step = 0;
  try {
    for (; step < program.steps.length; step++) await session.take(program.steps[step]);
    session.finish();
  } catch (error) {
    throw Object.assign(error, { step });
  } finally {
    await session.close();
  }
  const { operations, taken } = session;
  return { operations, taken };
}

/** The peers of a program, with a method for each kind of step. */
class Session {
  operations = 0;
  taken = 0;
  #program;
  #peers = [];
  /** All that each peer of Syncline has told since it was opened. */
  #told = [];
  #network;
  /** Places in the text, as JSON, with the number of who made them. */
  #cursors = [];

  static async open(program) {
    const session = new Session(program);
    for (const number of program.peers.keys()) await session.#join(number, program.peers[number].id);
    return session;
  }

  constructor(program) {
    this.#program = program;
    this.#network = new Network(program.peers.length, (to, update, from) => this.#deliver(to, update, from));
  }

  async take({ do: verb, ...step }) {
    await this[verb](step);
  }

  edit({ by, held, twin, ...edit }) {
    this.operations += 1;
    const peer = this.#peers[by];
    const other = twin && strangerWith(peer.encode());
    makeEdit(peer, edit, this.#program.emoji);
    if (!held) peer.commit();
    if (!other) return;
    makeEdit(other, edit, this.#program.emoji);
    assert.deepStrictEqual(contentOf(peer), contentOf(other), `what peer ${by} makes of an edit is not what Yjs makes of it`);
  }

  together({ by, edits }) {
    this.operations += edits.length;
    const peer = this.#peers[by];
    peer.transact(() => edits.forEach((edit) => makeEdit(peer, edit, this.#program.emoji)));
  }

  undo({ by }) {
    this.operations += 1;
    this.#peers[by].undo();
    this.#peers[by].commit();
  }

  redo({ by }) {
    this.operations += 1;
    this.#peers[by].redo();
    this.#peers[by].commit();
  }

  stop({ by }) {
    this.#peers[by].stopCapturing();
  }

  deliver({ to, turn, again }) {
    this.#network.deliver(to, turn, again);
  }

  deliverAll({ to, order }) {
    this.#network.deliverAll(to, order);
  }

  deliverMerged({ to, turn, count, stride }) {
    this.#network.deliverMerged(to, turn, count, stride);
  }

  lose({ to, turn }) {
    this.#network.lose(to, turn);
  }

  disconnect({ who }) {
    this.#network.disconnect(who);
  }

  /** Comes back, and asks one of the others for what it lacks, as it is asked. */
  connect({ who, to }) {
    this.#network.connect(who);
    if (who === to || !this.#network.isOnline(to)) return;
    this.#exchange(who, to);
    this.#exchange(to, who);
  }

  /** Begins anew under another id, with what it has kept, and asks one of the others for what it lacks. */
  async reload({ who, from, id }) {
    const kept = this.#peers[who].encode();
    await this.#peers[who].close();
    await this.#join(who, id);
    this.#network.forget(who);
    this.#peers[who].apply(kept);
    if (who !== from) this.#exchange(from, who);
  }

  cursor({ by, index, side }) {
    const peer = this.#peers[by];
    this.#cursors.push(peer.cursor(placeIn(peer, index, this.#program.emoji), side));
  }

  remember({ by }) {
    this.#peers[by].remember();
  }

  restore({ by }) {
    this.operations += 1;
    this.#peers[by].restore();
    this.#peers[by].commit();
  }

  watch({ by }) {
    this.#peers[by].watch();
  }

  check({ by }) {
    this.#peers[by].check();
  }

  /** Everything arrives, and everybody has the same. */
  settle() {
    this.#peers.forEach((peer) => peer.commit());
    this.#network.settle();
    if (!this.#network.isWhole) this.#repair();
    this.#network.repaired();
    this.#compare();
    this.#peers.forEach((peer) => peer.check());
  }

  finish() {
    this.settle();
    // All have the same by then: what one of them hands on says enough.
    const number = this.#program.peers.findLastIndex(({ kind }) => kind === "syncline");
    if (number >= 0) this.#look(this.#peers[number], number);
  }

  async close() {
    for (const peer of this.#peers) await peer.close();
  }

  async #join(number, id) {
    const { kind, gossip, ...options } = this.#program.peers[number];
    const told = (this.#told[number] = []);
    this.#peers[number] = await KINDS[kind].open({ ...options, id }, (update, origin) => {
      told.push(update);
      if (origin === "local" || gossip) this.#network.send(number, update);
    });
  }

  #exchange(from, to) {
    this.#deliver(to, this.#peers[from].encode(this.#peers[to].stateVector()), [from]);
  }

  #deliver(to, update, from) {
    this.operations += 1;
    const kindOf = (number) => this.#program.peers[number].kind;
    this.#peers[to].apply(update);
    if (kindOf(to) === "syncline" && from.every((number) => kindOf(number) === "yjs")) this.taken += 1;
  }

  /** What was lost is found out by state vectors: one asks all and is asked by all, until everybody knows the same. */
  #repair() {
    const others = [...this.#peers.keys()].slice(1);
    for (let round = 0; round < MOST_REPAIRS; round++) {
      others.forEach((other) => this.#exchange(other, 0));
      others.forEach((other) => this.#exchange(0, other));
      this.#network.settle();
      const [first, ...rest] = this.#peers.map((peer) => knowledgeOf(peer.encode()));
      if (rest.every((known) => isDeepStrictEqual(known, first))) return;
    }
  }

  #compare() {
    const [first, ...others] = this.#peers.map((peer) => ({ content: contentOf(peer), ...knowledgeOf(peer.encode()) }));
    others.forEach((other, at) => assert.deepStrictEqual(other, first, `peer ${at + 1} is not the same as peer 0`));
    this.#cursors.forEach((cursor) => this.#findCursor(cursor));
    assert.ok(new Set(this.#xml()).size <= 1, "the XML of one peer is not that of another");
  }

  /** Who has undone something finds what it has brought back; all others find one place. */
  #findCursor(cursor) {
    const numbers = [...this.#peers.keys()].filter((number) => this.#program.peers[number].undo === undefined);
    const [first, ...others] = numbers.map((number) => [number, this.#peers[number].resolve(cursor)]);
    for (const [number, found] of others) {
      assert.equal(found, first[1], `where peer ${number} finds a cursor is not where peer ${first[0]} does`);
    }
  }

  /** The XML of all that show it. */
  #xml() {
    return this.#peers.filter((peer) => peer instanceof YjsPeer).map(xmlOf);
  }

  /** What a peer of Syncline hands to somebody new: all at once, and what it told one after the other, as it may be kept. */
  #look(peer, number) {
    const content = contentOf(peer);
    const [whole, told] = [peer.encode(), Y.mergeUpdates([EMPTY, ...this.#told[number]])];
    assert.deepStrictEqual(decodedVector(peer.stateVector()), knowledgeOf(whole).known, `the state vector of peer ${number}`);
    for (const [update, what] of [[whole, "is"], [told, "has told"]]) {
      const stranger = strangerWith(update);
      assert.deepStrictEqual(contentOf(stranger), content, `what a newcomer sees of what peer ${number} ${what}`);
      const [xml = xmlOf(stranger)] = this.#xml();
      assert.equal(xmlOf(stranger), xml, `the XML that a newcomer sees of what peer ${number} ${what}`);
    }
  }
}

/** Somebody of Yjs who has nothing but this. */
function strangerWith(update) {
  const stranger = new YjsPeer({ id: STRANGER }, () => {});
  stranger.apply(update);
  return stranger;
}

function decodedVector(bytes) {
  return [...Y.decodeStateVector(bytes)].sort(([a], [b]) => a - b);
}
