// Decides what a worker of a campaign does: the sessions of the seeds that it is sent, until one fails.

import { parentPort, workerData } from "node:worker_threads";
import { programOf } from "./generate.mjs";
import { runSession } from "./session.mjs";
import { shrink } from "./shrink.mjs";
import { asTest } from "./show.mjs";

/** Where the seed is noted that is run: who hangs cannot say so. */
const current = new Int32Array(workerData.current);

parentPort.on("message", async ({ from, to }) => {
  const counts = { operations: 0, taken: 0 };
  for (let seed = from; seed < to; seed++) {
    Atomics.store(current, 0, seed);
    const program = programOf(seed);
    try {
      const { operations, taken } = await runSession(program);
      counts.operations += operations;
      counts.taken += taken;
    } catch (error) {
      // What comes after a failure is left to another worker: this one may be broken.
      const failure = await described(seed, program, error);
      return parentPort.postMessage({ done: seed + 1 - from, ...counts, failure });
    }
  }
  parentPort.postMessage({ done: to - from, ...counts });
});

/** What failed, with the shortest program that fails in the same way. */
async function described(seed, program, error) {
  const shortest = await shrink(program).catch(() => ({ program, error }));
  const words = String(shortest.error.stack ?? shortest.error);
  return { seed, words, test: asTest(shortest.program, `seed ${seed}: ${error.message.split("\n")[0]}`) };
}
