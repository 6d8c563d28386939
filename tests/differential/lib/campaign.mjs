// Decides how many sessions are run: portions of seeds for each worker, until all are done, time is up, or too much has failed.

import { Worker } from "node:worker_threads";

/** How many seeds a worker is sent at once. */
const PORTION = 200;
/** A session takes some milliseconds, and one that fails is made shorter for 20 seconds. */
const HANG_MS = 120_000;
/** How many failures end a campaign: more would say the same. */
const MOST_FAILURES = 10;

/**
 * @typedef {{ seed: number, words: string, test: string }} Failure
 * @typedef {object} Result
 * @property {number} from
 * @property {number} to behind the last seed that was to be run when it ended
 * @property {number} sessions
 * @property {number} operations edits, turns of undo and deliveries
 * @property {number} taken updates of Yjs that Syncline took in
 * @property {Failure[]} failures
 */

/**
 * Runs the sessions of the seeds `from` to `to` - 1 in `jobs` workers, and ends them.
 * @param {{ from: number, to: number, jobs?: number, until?: number, most?: number, onProgress?: (result: Result) => void,
 *   onFailure?: (failure: Failure) => void }} options `until` is a time of `performance.now()`, `most` how many failures end it
 * @returns {Promise<Result>}
 */
export async function runCampaign(options) {
  const campaign = new Campaign(options);
  const jobs = Array.from({ length: options.jobs ?? 1 }, () => campaign.work());
  await Promise.all(jobs);
  return campaign.result;
}

class Campaign {
  result;
  #options;
  /** What was left of portions in which something failed. */
  #left = [];

  constructor({ onProgress = () => {}, onFailure = () => {}, until = Infinity, most = MOST_FAILURES, ...options }) {
    this.#options = { onProgress, onFailure, until, most, ...options };
    const { from } = options;
    this.result = { from, to: from, sessions: 0, operations: 0, taken: 0, failures: [] };
  }

  /** Runs portions until there are no more. */
  async work() {
    let worker = new Workshop();
    try {
      for (let portion = this.#next(); portion; portion = this.#next()) {
        const { done, operations, taken, failure } = await worker.run(portion);
        this.result.sessions += done;
        this.result.operations += operations;
        this.result.taken += taken;
        if (failure) {
          this.#note(failure, { ...portion, from: portion.from + done });
          await worker.end();
          worker = new Workshop();
        }
        this.#options.onProgress(this.result);
      }
    } finally {
      await worker.end();
    }
  }

  #next() {
    const { to, until, most } = this.#options;
    if (performance.now() >= until || this.result.failures.length >= most) return undefined;
    if (this.#left.length > 0) return this.#left.pop();
    if (this.result.to >= to) return undefined;
    const portion = { from: this.result.to, to: Math.min(this.result.to + PORTION, to) };
    this.result.to = portion.to;
    return portion;
  }

  #note(failure, left) {
    if (left.from < left.to) this.#left.push(left);
    this.result.failures.push(failure);
    this.#options.onFailure(failure);
  }
}

/** A worker that is watched. */
class Workshop {
  #current = new SharedArrayBuffer(4);
  #worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { current: this.#current } });

  /** What came of a portion up to its first failure; to hang or to die is a failure of the seed that it had come to. */
  run(portion) {
    return new Promise((resolve) => {
      const current = new Int32Array(this.#current);
      const seed = () => Atomics.load(current, 0);
      const settle = (result) => {
        clearInterval(watch);
        this.#worker.off("error", onError).off("message", settle);
        resolve(result);
      };
      const fail = (words) => {
        const failure = { seed: seed(), words, test: "" };
        settle({ done: failure.seed + 1 - portion.from, operations: 0, taken: 0, failure });
      };
      const onError = (error) => fail(String(error.stack ?? error));
      const watch = watching(seed, () => fail(`the session of seed ${seed()} does not end`));
      Atomics.store(current, 0, portion.from);
      this.#worker.on("error", onError).on("message", settle);
      this.#worker.postMessage(portion);
    });
  }

  async end() {
    await this.#worker.terminate();
  }
}

/** Calls `onHang` when the same seed is run for too long. */
function watching(seed, onHang) {
  let [last, since] = [seed(), performance.now()];
  return setInterval(() => {
    if (seed() !== last) [last, since] = [seed(), performance.now()];
    else if (performance.now() - since > HANG_MS) onHang();
  }, 1000);
}
