// Every closed set exists in Rust and in TypeScript: they must be the same.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { importBuilt, PACKAGE } from "./helpers/built.mjs";

const glue = await importBuilt("syncline.js");
glue.initSync({ module: await readFile(path.join(PACKAGE, "dist", "syncline_bg.wasm")) });
const sets = glue.closedSets();
const { ERROR_CODES } = await importBuilt("errors.js");
const { HOLDERS, OPTION_NAMES, PHASES, PROBLEM_CODES, PROTOCOLS, REASON_CODES, STORE_PHASES } = await importBuilt(
  "types.js",
);

const pairs = {
  phases: PHASES,
  holders: HOLDERS,
  storePhases: STORE_PHASES,
  errors: ERROR_CODES,
  reasons: REASON_CODES,
  problems: PROBLEM_CODES,
  options: Object.keys(OPTION_NAMES),
  protocols: PROTOCOLS,
};

for (const [name, typescript] of Object.entries(pairs)) {
  test(`the ${name} of Rust and of TypeScript are the same`, () => {
    assert.deepEqual([...typescript].sort(), [...sets[name]].sort());
  });
}

test("there is no closed set that is not compared", () => {
  assert.deepEqual(Object.keys(sets).sort(), Object.keys(pairs).sort());
});
