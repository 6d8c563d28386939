// The journal has what was added to it, in its order and at its places, whatever was left out or said in fewer records since.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";

const { Journal } = await importBuilt("journal.js");

const some = (length, value) => new Uint8Array(length).fill(value);
const shown = (parts) => parts.map(({ place, records }) => [place, [...records]]);

test("parts keep their places and are copies, however many there are", () => {
  const journal = new Journal();
  const reused = new Uint8Array(3);
  for (let n = 0; n < 1000; n += 1) journal.add(reused.fill(n % 256), false);
  assert.equal(journal.place, 1000);
  assert.deepEqual(shown(journal.untold), Array.from({ length: 1000 }, (_, n) => [n, Array(3).fill(n % 256)]));
  assert.deepEqual(journal.told, []);
});

test("told is what was reported when it was settled", () => {
  const journal = new Journal();
  journal.add(some(2, 1), true);
  journal.add(some(1, 2), false);
  assert(!journal.isReported);
  journal.settle();
  journal.add(some(0, 9), true);
  assert(journal.isReported);
  assert.deepEqual(shown(journal.told), [[0, [1, 1]]]);
  assert.deepEqual([...journal.toldRecords], [1, 1]);
  assert.deepEqual(shown(journal.untold), [[1, [2]]]);
});

test("what is left out is empty, and the places of the others are as they were", () => {
  const journal = new Journal();
  for (let n = 0; n < 4; n += 1) journal.add(some(n + 1, n), n === 1);
  journal.settle();
  journal.leaveOut(journal.told[0]);
  journal.leaveOut(journal.untold[0]);
  assert.deepEqual(shown(journal.told), [[0, []], [1, [1, 1]]]);
  assert.deepEqual([...journal.toldRecords], [1, 1]);
  assert.deepEqual(shown(journal.untold), [[2, []], [3, [3, 3, 3, 3]]]);
  journal.add(some(1, 4), false);
  assert.deepEqual(shown(journal.untold).at(-1), [4, [4]]);
});

test("it is large again once it is twice as large as what it said in few records", () => {
  const journal = new Journal();
  journal.add(some(1 << 16, 0), true);
  assert(!journal.isLarge);
  journal.add(some(1, 0), true);
  assert(journal.isLarge);
  journal.replace(some(50_000, 7));
  assert.equal(journal.place, 2);
  assert.deepEqual([...journal.toldRecords], Array(50_000).fill(7));
  journal.add(some(50_000, 8), true);
  assert(!journal.isLarge);
  journal.add(some(1, 9), true);
  assert(journal.isLarge);
});
