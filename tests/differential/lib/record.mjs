// Decides how what a campaign has found stands in the documentation: between two marks, written by the program alone.

import * as marks from "../../../scripts/lib/marks.mjs";

const WRITER = "`npm run differential -- --record`";

/** Whether a page has a place for results. */
export function hasMarks(page) {
  return marks.hasMarks(page, WRITER);
}

/**
 * The page with this result in the place of the one before.
 * @param {string} page one that has marks
 * @param {{ date: string, commit: string, from: number, to: number, sessions: number, operations: number,
 *   taken: number, divergences: number }} result
 */
export function withResult(page, result) {
  return marks.betweenMarks(page, WRITER, "results", `\n${table(result)}\n`);
}

function table({ date, commit, from, to, sessions, operations, taken, divergences }) {
  const seeds = `${from}..${to}`;
  const cells = [date, `\`${commit}\``, seeds, ...[sessions, operations, taken, divergences].map(counted)];
  return [
    "| date | commit | seeds | sessions | operations | updates of Yjs taken in, none refused | divergences |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: |",
    `| ${cells.join(" | ")} |`,
  ].join("\n");
}

function counted(number) {
  return number.toLocaleString("en");
}
