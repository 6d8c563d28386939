// Every closed set exists in Rust and in TypeScript: they must be the same. What Rust has is in a file, which a test in
// Rust (tests/closed_sets.rs) compares.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";

const sets = JSON.parse(await readFile(new URL("../golden/closed-sets.json", import.meta.url), "utf8"));
const lists = JSON.parse(await readFile(new URL("../golden/ordered-lists.json", import.meta.url), "utf8"));
const { ERROR_CODES } = await importBuilt("errors.js");
const { COUNTERS, TRACE_KINDS, TRACE_WORDS } = await importBuilt("observe.js");
const { OPTION_NAMES, PROTOCOLS } = await importBuilt("options.js");
const { HOLDERS, PHASES, PROBLEM_CODES, REASON_CODES, STORE_PHASES } = await importBuilt("types.js");
const { UNDO_CHANGES, UNDO_STACKS } = await importBuilt("undo.js");

const pairs = {
  phases: PHASES,
  holders: HOLDERS,
  storePhases: STORE_PHASES,
  errors: ERROR_CODES,
  reasons: REASON_CODES,
  problems: PROBLEM_CODES,
  options: Object.keys(OPTION_NAMES),
  protocols: PROTOCOLS,
  undoChanges: UNDO_CHANGES,
  undoStacks: UNDO_STACKS,
};

for (const [name, typescript] of Object.entries(pairs)) {
  test(`the ${name} of Rust and of TypeScript are the same`, () => {
    assert.deepEqual([...typescript].sort(), [...sets[name]].sort());
  });
}

test("what travels as a number has the same place in the lists of Rust and of TypeScript", () => {
  const typescript = { traceKinds: TRACE_KINDS, traceWords: TRACE_WORDS, reasons: REASON_CODES, counters: COUNTERS };
  assert.deepEqual(typescript, lists);
});

test("there is no closed set that is not compared", () => {
  assert.deepEqual(Object.keys(sets).sort(), Object.keys(pairs).sort());
});
