// Decides what becomes of updates on their way: each peer has a queue of its own, from which any may be taken, twice, or never.

import * as Y from "yjs";

export class Network {
  /** What waits for each peer, by its number. */
  #waiting;
  #offline = new Set();
  /** Whether something never arrived that somebody was to get. */
  #lost = false;
  #apply;

  /** `apply` gives an update to the peer of this number; it comes from those of these numbers. */
  constructor(count, apply) {
    this.#waiting = Array.from({ length: count }, () => []);
    this.#apply = apply;
  }

  /** Whether all that was sent has arrived or waits. */
  get isWhole() {
    return !this.#lost;
  }

  /** Sends an update to all others. */
  send(from, update) {
    this.#waiting.forEach((queue, to) => {
      if (to === from) return;
      if (this.#offline.has(from) || this.#offline.has(to)) this.#lost = true;
      else queue.push({ from, update });
    });
  }

  /** Delivers one of those that wait; with `again` it waits on, and comes once more. */
  deliver(to, turn, again) {
    const queue = this.#waiting[to];
    if (queue.length === 0) return;
    const at = turn % queue.length;
    const { from, update } = queue[at];
    if (!again) queue.splice(at, 1);
    this.#apply(to, update, [from]);
  }

  /** Delivers all that waits, and what comes of it. */
  deliverAll(to, order) {
    while (this.#waiting[to].length > 0) this.deliver(to, order === "backwards" ? this.#waiting[to].length - 1 : 0, false);
  }

  /** Delivers some that wait as one update, as servers do that store them: each one, or each second one, so that it has gaps. */
  deliverMerged(to, turn, count, stride) {
    const queue = this.#waiting[to];
    const first = queue.length === 0 ? 0 : turn % queue.length;
    const merged = queue.filter((_, at) => at >= first && at < first + count * stride && (at - first) % stride === 0);
    if (merged.length === 0) return;
    this.#waiting[to] = queue.filter((message) => !merged.includes(message));
    const updates = merged.map(({ update }) => update);
    this.#apply(to, updates.length === 1 ? updates[0] : Y.mergeUpdates(updates), merged.map(({ from }) => from));
  }

  lose(to, turn) {
    const queue = this.#waiting[to];
    if (queue.length === 0) return;
    queue.splice(turn % queue.length, 1);
    this.#lost = true;
  }

  /** What was on its way is lost, and what is sent meanwhile. */
  disconnect(peer) {
    this.#offline.add(peer);
    if (this.#waiting[peer].length > 0) this.#lost = true;
    this.#waiting[peer] = [];
  }

  /** What this peer had got is gone, and what was on its way to it. */
  forget(peer) {
    this.#lost = true;
    this.#waiting[peer] = [];
  }

  connect(peer) {
    this.#offline.delete(peer);
  }

  isOnline(peer) {
    return !this.#offline.has(peer);
  }

  /** Connects everybody, and delivers until nothing waits: what arrives may have somebody send more. */
  settle() {
    this.#offline.clear();
    while (this.#waiting.some((queue) => queue.length > 0)) {
      this.#waiting.forEach((_, to) => this.deliverAll(to, "in order"));
    }
  }

  /** Everybody has what everybody has. */
  repaired() {
    this.#lost = false;
  }
}
