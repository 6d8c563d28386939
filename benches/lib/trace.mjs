// Decides which editing session the libraries are given: a recorded one where there is one, else one of the same statistics.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { Problem } from "../../scripts/lib/problem.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";
import { random } from "../../tests/e2e/lib/random.mjs";

/** Where the recorded session lies beside the project, or beside its work trees. */
const SHARED = ["..", "../.."].map((up) => path.join(ROOT, up, "shared", "traces", "automerge-paper.json.gz"));

/** How often the recorded session (automerge-paper) inserts, goes elsewhere, and how long it stays at one thing. */
export const STATISTICS = {
  operations: 259_778,
  /** Of all operations. */
  jumps: 0.0211,
  inserts: 0.7018,
  /** Of the stretches in which nothing but inserting, or nothing but deleting, is done at one place. */
  insertingStretches: 0.587,
  /** Of the deletions that follow one another: those that take what stands before, as the backspace key does. */
  backwards: 0.62,
  /** Lengths of the stretches, and of the ways that the cursor jumps, at these quantiles. */
  quantiles: [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1],
  inserting: [1, 1, 1, 2, 9, 33, 81, 124, 233, 1000],
  deleting: [1, 1, 1, 1, 2, 6, 17, 36, 259, 3000],
  jump: [1, 1, 2, 12, 46, 161, 802, 2763, 25828, 90000],
};

/**
 * @typedef {[index: number, deleted: number, inserted: string]} Operation
 * @param {string} [file] the reader's own
 * @returns {Promise<{ name: string, operations: Operation[] }>}
 */
export async function loadTrace(file) {
  const found = file ?? SHARED.find(existsSync);
  if (found === undefined) return { name: "a generated session (automerge-paper's statistics, seed 1)", operations: generate() };
  return { name: path.basename(found), operations: check(await parse(found), found) };
}

async function parse(file) {
  try {
    const bytes = await readFile(file);
    return JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString());
  } catch (error) {
    throw new Problem(`The trace ${file} can't be read: ${error.message}.`);
  }
}

/** Refuses what would fail in the middle of a measurement. */
function check(operations, file) {
  if (!Array.isArray(operations)) throw new Problem(`The trace ${file} is no list of [position, deleted, inserted].`);
  let length = 0;
  for (const [n, operation] of operations.entries()) {
    const [index, deleted, inserted] = Array.isArray(operation) ? operation : [];
    const fits = Number.isSafeInteger(index) && Number.isSafeInteger(deleted) && typeof inserted === "string";
    if (!fits || index < 0 || deleted < 0 || index + deleted > length) {
      throw new Problem(`Operation ${n} of the trace ${file} is ${JSON.stringify(operation)}, in a text of ${length} characters.`);
    }
    length += inserted.length - deleted;
  }
  return operations;
}

/** A session of the same statistics: stretches of inserting and deleting, now and then somewhere else. */
export function generate(count = STATISTICS.operations, seed = 1) {
  const { chance, below } = random(seed);
  const operations = [];
  let [length, cursor] = [0, 0];
  const insert = () => {
    operations.push([cursor++, 0, String.fromCharCode(97 + below(26))]);
    length += 1;
  };
  const remove = (index) => {
    operations.push([index, 1, ""]);
    cursor = index;
    length -= 1;
  };
  while (operations.length < count) {
    if (chance(JUMP_CHANCE)) cursor = jumped(cursor, length, { chance, below });
    const inserts = length < SHORTEST || chance(INSERT_CHANCE);
    const stretch = drawn(inserts ? STATISTICS.inserting : STATISTICS.deleting, below);
    const backwards = chance(STATISTICS.backwards);
    for (let n = 0; n < stretch && operations.length < count; n++) {
      if (inserts) insert();
      else if (backwards && cursor > 0) remove(cursor - 1);
      else if (!backwards && cursor < length) remove(cursor);
    }
  }
  return operations;
}

/** How far from `cursor`, in either direction, within the text. */
function jumped(cursor, length, { chance, below }) {
  const way = drawn(STATISTICS.jump, below) * (chance(0.5) ? 1 : -1);
  return Math.min(length, Math.max(0, cursor + way));
}

/** A number that is distributed as the quantiles say, even in its logarithm between two of them. */
function drawn(values, below) {
  const share = below(2 ** 30) / 2 ** 30;
  const next = STATISTICS.quantiles.findIndex((quantile) => quantile > share);
  const [from, to] = [STATISTICS.quantiles[next - 1], STATISTICS.quantiles[next]];
  const part = (share - from) / (to - from);
  return Math.round(values[next - 1] ** (1 - part) * values[next] ** part);
}

const SHORTEST = 20;
const JUMP_CHANCE = 0.58;
const INSERT_CHANCE = STATISTICS.insertingStretches;
