// Decides how many sessions are run in a row: portions of seeds for each worker, until all are done, time is up, or too much has failed.

import { Worker } from "node:worker_threads";

/** How many seeds a worker is sent at once. */
const PORTION = 200;
/** A session takes some milliseconds, and one that fails is made shorter for 20 seconds. */
const HANG_MS = 120_000;
/** More would say the same. */
const MOST_FAILURES = 10;

/**
 * @typedef {{ seed: number, words: string, test: string }} Failure
 * @typedef {object} Result
 * @property {number} from
 * @property {number} to the first seed that was not run
 * @property {number} sessions
 * @property {number} operations edits, turns of undo and deliveries
 * @property {Failure[]} failures
 */

/**
 * Runs the sessions of the seeds `from` to `to` - 1 in `jobs` workers, and ends them.
 * @param {{ from: number, to: number, jobs?: number, until?: number, onProgress?: (result: Result) => void,
 *   onFailure?: (failure: Failure) => void }} options `until` is a time of `performance.now()`
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

  constructor({ onProgress = () => {}, onFailure = () => {}, until = Infinity, ...options }) {
    this.#options = { onProgress, onFailure, until, ...options };
    const { from } = options;
    this.result = { from, to: from, sessions: 0, operations: 0, failures: [] };
  }

  /** Runs portions until there are no more. A worker in which something failed may be broken: another one goes on. */
  async work() {
    let worker = new Workshop();
    try {
      for (let portion = this.#next(); portion; portion = this.#next()) {
        const failed = await this.#run(worker, portion);
        if (!failed) continue;
        await worker.end();
        worker = new Workshop();
      }
    } finally {
      await worker.end();
    }
  }

  #next() {
    const { to, until } = this.#options;
    const isOver = performance.now() >= until || this.result.failures.length >= MOST_FAILURES || this.result.to >= to;
    if (isOver) return undefined;
    const portion = { from: this.result.to, to: Math.min(this.result.to + PORTION, to) };
    this.result.to = portion.to;
    return portion;
  }

  async #run(worker, portion) {
    const before = this.result.failures.length;
    const { done, operations } = await worker.run(portion, (failure) => {
      this.result.failures.push(failure);
      this.#options.onFailure(failure);
    });
    this.result.sessions += done;
    this.result.operations += operations;
    this.#options.onProgress(this.result);
    return this.result.failures.length > before;
  }
}

/** A worker that is watched. */
class Workshop {
  #current = new SharedArrayBuffer(4);
  #worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { current: this.#current } });

  /** What came of a portion; one that hangs or dies is a failure of the seed that it had come to. */
  run(portion, onFailure) {
    return new Promise((resolve) => {
      const seed = () => Atomics.load(new Int32Array(this.#current), 0);
      const settle = (result) => {
        clearInterval(watch);
        this.#worker.off("error", onError).off("message", onMessage);
        resolve(result);
      };
      const fail = (words) => {
        onFailure({ seed: seed(), words, test: "" });
        settle({ done: seed() + 1 - portion.from, operations: 0 });
      };
      const onError = (error) => fail(String(error.stack ?? error));
      const onMessage = ({ failure, ...result }) => (failure ? onFailure(failure) : settle(result));
      const watch = watching(seed, () => fail(`the session of seed ${seed()} does not end`));
      this.#worker.on("error", onError).on("message", onMessage);
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
