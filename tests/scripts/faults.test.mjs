// What judges kills, damage and an hour of work notices what is wrong, and finds its place on the page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import test from "node:test";
import { ROOT } from "../../scripts/lib/run.mjs";
import { damage, WAYS_OF_DAMAGE } from "../corruption/lib/damage.mjs";
import * as corruption from "../corruption/lib/report.mjs";
import { random } from "../e2e/lib/random.mjs";
import * as kills from "../kills/lib/report.mjs";
import { countWords, missing } from "../kills/lib/words.mjs";
import { drawChart } from "../soak/lib/chart.mjs";
import { fit, judge } from "../soak/lib/flat.mjs";
import * as soak from "../soak/lib/report.mjs";

test("words are counted by whose they are, in any order", () => {
  assert.deepEqual([...countWords("a1.1;b.1;a1.2;b.2;b.3;")], [["a1", 2], ["b", 3]]);
  assert.deepEqual([...countWords("a.2;a.1;")], [["a", 2]]);
  assert.equal(countWords("").size, 0);
});

test("a word that is missing in the middle, is there twice, or that nobody typed is noticed", () => {
  assert.throws(() => countWords("a.1;a.3;"), /of a word 2 is not there, or twice/);
  assert.throws(() => countWords("a.1;a.1;"), /of a word 2 is not there, or twice/);
  assert.throws(() => countWords("a.1;a.b.2;2;"), /nobody typed/);
  assert.throws(() => countWords("a.1;a.2"), /ends within a word/);
});

test("of what was promised it is told what is not there", () => {
  const promises = [{ name: "a", count: 2 }, { name: "b", count: 1 }, { name: "c", count: 1 }];
  assert.deepEqual(missing("a.1;b.1;", promises), [{ name: "a", count: 2, there: 1 }, { name: "c", count: 1, there: 0 }]);
  assert.deepEqual(missing("a.1;a.2;a.3;b.1;c.1;", promises), []);
});

test("damage changes what it is given, and the same seed does the same", () => {
  const bytes = Buffer.from("what travels between a client and a server");
  const damaged = Array.from({ length: 100 }, (_, seed) => damage(bytes, random(seed)));
  assert(damaged.every((each) => !each.equals(bytes)));
  assert.deepEqual(damaged, Array.from({ length: 100 }, (_, seed) => damage(bytes, random(seed))));
  assert(damaged.some(({ length }) => length < bytes.length) && damaged.some(({ length }) => length > bytes.length));
  assert.deepEqual(WAYS_OF_DAMAGE, ["flip", "cut", "double", "end"]);
  assert.equal(damage(Buffer.alloc(0), random(1)).length, 0);
});

/** Samples of an hour in which one thing grows by so much in each. */
function samples(name, start, step) {
  return Array.from({ length: 120 }, (_, n) => ({ at: n * 30_000, page: { [name]: start + n * step }, node: {} }));
}

function rowOf(name, start, step) {
  const [row] = judge(samples(name, start, step));
  return row;
}

test("what grows by a handle an hour is not flat, and what goes up and down is", () => {
  assert.equal(rowOf("listeners", 14, 1 / 60).isFlat, false);
  assert.equal(rowOf("listeners", 14, 0).isFlat, true);
  const wavy = samples("listeners", 14, 0).map((sample, n) => ({ ...sample, page: { listeners: 14 + (n % 2) } }));
  assert.equal(judge(wavy)[0].isFlat, true);
});

test("memory may rise by a thirtieth of what it is in half an hour, and wasm by a page", () => {
  assert.equal(rowOf("heap", 3_000_000, 1_000).isFlat, true);
  assert.equal(rowOf("heap", 3_000_000, 2_000).isFlat, false);
  assert.equal(rowOf("wasm", 1_310_720, 2_000).isFlat, false);
  assert.equal(rowOf("history", 1_000, 100).isFlat, true);
});

test("the line is that of the least squares", () => {
  const { mean, middle, end, rise } = fit([{ at: 0, value: 1 }, { at: 1, value: 3 }, { at: 2, value: 2 }]);
  assert.deepEqual([mean, middle, end, rise].map((value) => Number(value.toFixed(6))), [2, 1.5, 2.5, 1]);
});

test("the picture has a line for each kind of memory", () => {
  const chart = drawChart(judge(samples("heap", 1_500_000, 10)));
  assert.match(chart, /^<svg .*<polyline stroke="#e4572e" points="50,.*<\/svg>\n$/s);
});

test("each has its place on the page", async () => {
  const page = await readFile(path.join(ROOT, "docs", "reliability.md"), "utf8");
  for (const { betweenMarks } of [kills, corruption, soak]) assert.match(betweenMarks(page, "what came of it"), /^what came of it$/m);
});
