// Decides how many tests ran, from what cargo test, wasm-pack test and node --test print.

import { stripVTControlCharacters } from "node:util";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @type {Record<string, (output: string) => Counts>} */
export const READERS = { cargo: uncoloured(readCargo), node: uncoloured(readNode) };

/** The sum of several counts. */
export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const key of Object.keys(total)) for (const part of counts) total[key] += part[key];
  return total;
}

/** In words, as CI reads them. */
export function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}

/** Both print in colours to a pipe too, where the environment says so. */
function uncoloured(read) {
  return (output) => read(stripVTControlCharacters(output));
}

/** cargo test prints one result for each test program, and the runner of wasm-bindgen prints the same line. */
function readCargo(output) {
  const results = output.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm);
  return sum([...results].map(([, passed, failed, skipped]) => ({ passed: +passed, failed: +failed, skipped: +skipped })));
}

/** node --test with the spec reporter ends with one line for each number. */
function readNode(output) {
  const number = (name) => Number(new RegExp(`^\\S+ ${name} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  return {
    passed: number("pass"),
    failed: number("fail") + number("cancelled"),
    skipped: number("skipped") + number("todo"),
  };
}
