// Decides in which order the measurements are taken: every library once a round, in an order that turns from round to round.

import { Problem } from "../../scripts/lib/problem.mjs";

/**
 * One line of the tables.
 * @typedef {object} Measurement
 * @property {string} title
 * @property {string} unit
 * @property {{ ratio: number } | { most: number }} [target] Syncline beside the base at most, or its value at most
 * @property {Record<string, string>} [missing] why a library has no value here
 * @property {false} [isShare] that its ratio to the base says nothing
 */

/**
 * What one file in ../rows/ declares.
 * @typedef {object} Row
 * @property {string} name for `--only`
 * @property {string} title
 * @property {string} how what is measured, for those who read the results
 * @property {string[]} [libraries] those that take part; default: all
 * @property {{ full: number, quick: number }} rounds
 * @property {Record<string, Measurement>} measurements
 * @property {(context: Context) => Promise<Record<string, number | undefined>>} round measures one library once
 */

/**
 * @typedef {object} Context
 * @property {string} library
 * @property {ReturnType<import("./stage.mjs").setStage>} stage
 * @property {boolean} quick
 * @property {number} operations how much of the session is to be replayed
 * @property {number} number of the round, from 0
 */

/** Runs a row; returns its samples: by measurement and library, a value a round. */
export async function runRow(row, { libraries, stage, quick, operations, log, ...given }) {
  const taking = libraries.filter((name) => row.libraries?.includes(name) ?? true);
  const rounds = given.rounds ?? (quick ? row.rounds.quick : row.rounds.full);
  const samples = {};
  const failures = {};
  await log.step(row.title, async (step) => {
    for (let number = 0; number < rounds; number++) {
      for (const library of turned(taking, number)) {
        if (failures[library]) continue;
        step.detail(`round ${number + 1} of ${rounds}, ${library}`);
        const values = await row.round({ library, stage, quick, operations, number }).catch((error) => {
          failures[library] = firstLine(error);
          return {};
        });
        if (stage.isClosed) throw new Problem("The measurement was ended.");
        note(samples, library, values);
      }
    }
    const failed = Object.entries(failures).map(([library, why]) => `${library} failed: ${why}`);
    step.result([`${rounds} rounds`, ...failed].join("; "));
  });
  return { samples, failures, rounds, taking };
}

/** Begins at another library each time, so that none always comes behind the same one. */
export function turned(names, number) {
  const from = number % names.length;
  return [...names.slice(from), ...names.slice(0, from)];
}

function note(samples, library, values) {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    samples[key] ??= {};
    (samples[key][library] ??= []).push(value);
  }
}

function firstLine(error) {
  return String(error?.message ?? error).split("\n")[0].slice(0, 160);
}
