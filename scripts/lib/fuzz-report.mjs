// Decides how the result of fuzzing is told: in one line, and in docs/reliability.md.

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as marks from "./marks.mjs";
import { ROOT } from "./run.mjs";

const PAGE = path.join(ROOT, "docs", "reliability.md");

/** Which of thirty-two seeds that follow each other are what: the same as in tests/fuzz/case.rs. */
const KINDS = [...Array(16).fill("programs"), ...Array(15).fill("mutated"), "honest"];

/**
 * What was run.
 * @typedef {{ programs: number, mutated: number, honest: number, escapes: number }} Counts
 */

/**
 * Counts what was run, by its seeds.
 * @param {{ first: number, next: number, escapes: number }[][]} jobs
 * @returns {Counts}
 */
export function sumUp(jobs) {
  const counts = { programs: 0, mutated: 0, honest: 0, escapes: 0 };
  for (const { first, next, escapes } of jobs.flat()) {
    counts.escapes += escapes;
    KINDS.forEach((kind, rest) => (counts[kind] += below(next, rest) - below(first, rest)));
  }
  return counts;
}

/** How many seeds below a bound leave this rest when they are divided by the number of kinds. */
function below(bound, rest) {
  return Math.max(0, Math.ceil((bound - rest) / KINDS.length));
}

/** @param {Counts} counts */
export function inWords({ programs, mutated, honest, escapes }) {
  const [one, two, three] = [programs, mutated, honest].map((count) => count.toLocaleString("en"));
  return `${one} programs, ${two} mutated sessions, ${three} honest sessions: ${escapes} escapes`;
}

/** Writes the run to the page, in the place of the last one of its kind. */
export async function recordRun({ counts, title, wasm, first, last, milliseconds, jobs, began, commit }) {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  const seeds = last === undefined ? `seeds from ${first}, ${minutes} minutes, ${jobs} at once` : `seeds ${first}..${last}`;
  const day = began.slice(0, 10);
  const text = `- ${title[0].toUpperCase()}${title.slice(1)}, on ${day}${commit ? ` at commit ${commit}` : ""} (${seeds}): **${inWords(counts)}**.`;
  const page = await readFile(PAGE, "utf8");
  await writeFile(PAGE, betweenMarks(page, wasm ? "wasm" : "native", text));
}

/** The page with the text between the marks of this name. */
export function betweenMarks(page, name, text) {
  return marks.betweenMarks(page, `\`npm run fuzz\`, ${name}`, "result", text);
}
