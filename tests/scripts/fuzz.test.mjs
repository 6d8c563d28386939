// What is told of a run of the fuzzer.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { betweenMarks, inWords, sumUp } from "../../scripts/lib/fuzz-report.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";

test("what was run is counted by its seeds", () => {
  const counts = sumUp([[{ first: 0, next: 64, escapes: 1 }], [{ first: 3, next: 20, escapes: 0 }, { first: 31, next: 33, escapes: 1 }]]);
  assert.deepEqual(counts, { programs: 46, mutated: 34, honest: 3, escapes: 2 });
  assert.equal(inWords({ ...counts, programs: 1200 }), "1,200 programs, 34 mutated sessions, 3 honest sessions: 2 escapes");
});

test("each kind of run has its place on the page", async () => {
  const page = await readFile(path.join(ROOT, "docs", "reliability.md"), "utf8");
  for (const name of ["native", "wasm"]) assert.match(betweenMarks(page, name, "- what came of it"), /^- what came of it$/m);
  assert.throws(() => betweenMarks(page, "other", ""), /no place/);
});
