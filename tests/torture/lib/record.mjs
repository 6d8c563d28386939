// Decides what is noted of a client while it is watched, and what of that is told to those who judge.

import { OTHERS, OURS } from "./words.mjs";

/**
 * What a cell comes to. Times are milliseconds since the fault began; absent is what did not happen.
 * @typedef {object} Facts
 * @property {number} windowMs how long the fault lasted, or was watched
 * @property {number[]} attempts when connections were opened during the fault
 * @property {number} [noticedAfter] when the connection was given up that was there when the fault began
 * @property {number} [arrivedAfter] when the server had the client's edit
 * @property {number} [backAfter] the same, since the fault was over
 * @property {number} [othersAfter] when the client had the other's edit
 * @property {number} liedFor how long at a stretch it said that the edit is saved while the server did not have it
 * @property {boolean} [keeps] whether the client has its own edit
 * @property {{ word: string, saved?: boolean }} last what its status said in the end
 * @property {string} [thrown] the first error that it let through to the event loop, where nobody can catch it
 * @property {string} [death] what its process died of
 */
export class Record {
  /** When the fault began. */
  began = Infinity;
  isHeld = false;
  #attempts = [];
  #leftAt = [];
  #seen = { word: "", saved: undefined, text: "" };
  #editedAt;
  #arrivedAt;
  #othersAt;
  #healedAt;
  #liesSince;
  #liedFor = 0;
  #thrown;
  #death;

  get firstAttempt() {
    return this.#attempts[0];
  }

  get isDead() {
    return this.#death !== undefined;
  }

  /** From here on it is watched. */
  begin(at) {
    this.began = at;
    this.#arrivedAt = undefined;
  }

  heal(at) {
    this.#healedAt = at;
  }

  note({ attempt, seen, thrown }) {
    this.#thrown ??= thrown;
    if (attempt !== undefined) this.#attempts.push(attempt);
    if (seen === undefined) return;
    this.#seen = seen;
    if (this.shows(OTHERS)) this.#othersAt ??= seen.at;
  }

  noteLeft(at) {
    this.#leftAt.push(at);
  }

  noteEdit(at) {
    this.#editedAt = at;
  }

  noteDeath(death) {
    this.#death = death;
  }

  /** Whether the server holds the edit at this moment; undefined where it did not answer. */
  noteHeld(isHeld, at) {
    if (isHeld === undefined) return;
    this.isHeld = isHeld;
    if (this.isHeld) this.#arrivedAt ??= at;
    // Only a status that knows of the edit can be wrong about it.
    const lies = this.#editedAt !== undefined && this.#seen.saved === true && this.shows(OURS) && !this.isHeld;
    this.#liesSince = lies ? (this.#liesSince ?? at) : undefined;
    if (lies) this.#liedFor = Math.max(this.#liedFor, at - this.#liesSince);
  }

  shows(words) {
    return this.#seen.text.includes(words);
  }

  /** Whether nothing more is to be waited for: what has to come is there, for a moment. */
  isSettled(kind, settleMs, at) {
    const since = { notice: [this.#noticedAt(), this.#arrivedAt], damage: [this.#arrivedAt, this.#othersAt], again: [this.#arrivedAt] }[kind];
    return since !== undefined && since.every((time) => time !== undefined && at - time >= settleMs);
  }

  /** @returns {Omit<Facts, "windowMs">} */
  facts() {
    const after = (at, start = this.began) => (at === undefined ? undefined : Math.max(0, at - start));
    const during = this.#attempts.filter((at) => at >= this.began && at < (this.#healedAt ?? Infinity));
    return {
      attempts: during.map((at) => after(at)),
      noticedAfter: after(this.#noticedAt()),
      arrivedAfter: after(this.#arrivedAt),
      backAfter: this.#healedAt && after(this.#arrivedAt, this.#healedAt),
      othersAfter: after(this.#othersAt),
      liedFor: this.#liedFor,
      keeps: this.shows(OURS),
      last: { word: this.#seen.word, saved: this.#seen.saved },
      thrown: this.#thrown,
      death: this.#death,
    };
  }

  /** When the dead connection was given up, which is the first one, or one from before the fault: it is left, or there is another. */
  #noticedAt() {
    const opened = this.#attempts.some((at) => at < this.began) ? 0 : 1;
    const another = this.#attempts.filter((at) => at >= this.began)[opened];
    const left = this.#leftAt.find((at) => at >= this.began);
    return another === undefined || left === undefined ? (another ?? left) : Math.min(another, left);
  }
}
