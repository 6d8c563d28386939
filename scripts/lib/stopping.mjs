// Decides when the programs that a start script started are ended: all of them, when the reader says so or when one ends
// by itself that is not to be started again.

import { Problem, runMain } from "./problem.mjs";

/** @typedef {import("./program.mjs").Program} Program */

/** A person or a supervisor ended it; it did not crash. */
const DELIBERATE = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Listens for the signals that end this process.
 * @param {import("./log.mjs").Log} log
 * @returns {{ before: (program: Program, again?: () => Promise<Program>) => Promise<void> }} `before` takes a program that
 *   is to be ended before, those that were taken last first, and what starts it again after it crashed
 */
export function stopOnSignal(log) {
  /** What runs, or a promise of it. One that is started again takes the place of the one before it. */
  const places = [];
  let isStopping = false;
  const stop = async (code) => {
    if (isStopping) return;
    isStopping = true;
    log.info("Stopping …");
    for (let place = places.length - 1; place >= 0; place--) await endIn(places[place]);
    process.exit(code);
  };
  for (const signal of DELIBERATE) process.on(signal, () => stop(0));
  const fail = async (problem) => {
    await runMain(() => Promise.reject(problem));
    await stop(1);
  };
  const watch = async (place, program, again) => {
    const { code, signal } = await program.ended;
    if (isStopping) return;
    // Ctrl-C ends everything that was started in this terminal, in no order.
    if (code === 0 || DELIBERATE.has(signal)) return stop(0);
    const how = signal ?? `exit code ${code}`;
    if (!again) return fail(new Problem(`${program.name} ended by itself (${how}).`, { output: program.output }));
    log.info(`${program.name} ended (${how}); it is started again.`);
    places[place] = again();
    return places[place].then((next) => watch(place, next, again), fail);
  };
  const before = (program, again) => watch(places.push(program) - 1, program, again);
  return { before };
}

/** What could not be started again has said so already. */
async function endIn(place) {
  const program = await Promise.resolve(place).catch(() => undefined);
  await program?.stop();
}
