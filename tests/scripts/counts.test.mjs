// What ran is read off the output of each test runner.

import assert from "node:assert/strict";
import test from "node:test";
import { inWords, READERS, sum } from "../../scripts/lib/counts.mjs";

test("every test program of cargo is counted", () => {
  const output = `running 3 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s

test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s`;
  assert.deepEqual(READERS.cargo(output), { passed: 6, failed: 2, skipped: 1 });
});

test("a cancelled test of node is a failed one", () => {
  const output = "✔ x (1ms)\nℹ tests 9\nℹ suites 1\nℹ pass 4\nℹ fail 1\nℹ cancelled 2\nℹ skipped 1\nℹ todo 1\nℹ duration_ms 5";
  assert.deepEqual(READERS.node(output), { passed: 4, failed: 3, skipped: 2 });
});

test("a crash leaves no numbers", () => {
  for (const read of Object.values(READERS)) assert.deepEqual(read("Segmentation fault"), { passed: 0, failed: 0, skipped: 0 });
});

test("the closing line has the form that CI reads", () => {
  assert.equal(inWords(sum([])), "0 passed, 0 failed");
  const parts = [
    { passed: 1, failed: 2, skipped: 0 },
    { passed: 3, failed: 0, skipped: 1 },
  ];
  assert.equal(inWords(sum(parts)), "4 passed, 2 failed, 1 skipped");
});

test("counts that are printed in colours are read", () => {
  assert.deepEqual(READERS.node("\u001b[34mℹ pass 4\u001b[39m\n\u001b[34mℹ fail 1\u001b[39m"), { passed: 4, failed: 1, skipped: 0 });
  const cargo = "test result: \u001b[32mok\u001b(B\u001b[m. 7 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out";
  assert.deepEqual(READERS.cargo(cargo), { passed: 7, failed: 0, skipped: 1 });
});
