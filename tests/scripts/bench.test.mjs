// The numbers and pictures of `npm run bench` are made as they say: medians, ratios, growth, generated sessions, charts.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { drawChart } from "../../benches/lib/chart.mjs";
import { describe, summary, verdict } from "../../benches/lib/report.mjs";
import { runRow, turned } from "../../benches/lib/runner.mjs";
import { growth, median, medianRatio, quantile } from "../../benches/lib/statistics.mjs";
import { generate, loadTrace, STATISTICS } from "../../benches/lib/trace.mjs";
import { silent } from "../../scripts/lib/log.mjs";

test("a quantile lies between two values where it must", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([5, 1, 4, 2, 3], 0), 1);
  assert.equal(quantile([5, 1, 4, 2, 3], 1), 5);
  assert.equal(quantile(Array.from({ length: 101 }, (_, n) => n), 0.99), 99);
  assert.equal(median([Infinity, Infinity, 1]), Infinity);
});

test("a ratio is the median of the ratios of each round, so that a slow round counts for neither", () => {
  assert.equal(medianRatio([1, 20, 1], [2, 40, 2]), 0.5);
  // The ratio of the medians would be 1.
  assert.equal(medianRatio([1, 2, 6], [2, 1, 2]), 2);
  assert.equal(medianRatio([1, 2, 3], [2]), 0.5);
});

test("growth is the power of the steepest step", () => {
  const costs = (power) => [10, 100, 1_000].map((size) => [size, size ** power]);
  assert.ok(Math.abs(growth(costs(1)) - 1) < 1e-9);
  assert.ok(Math.abs(growth(costs(2)) - 2) < 1e-9);
  assert.equal(growth([[10, 5], [100, 5]]), 0);
  assert.ok(Math.abs(growth([[10, 5], [100, 5], [1_000, 500]]) - 2) < 1e-9);
});

test("every library is first in some round", () => {
  const orders = [0, 1, 2, 3].map((number) => turned(["a", "b", "c"], number).join(""));
  assert.deepEqual(orders, ["abc", "bca", "cab", "abc"]);
});

test("a generated session has the statistics of the recorded one, and fits into its text", () => {
  for (const seed of [1, 2, 3]) {
    const operations = generate(STATISTICS.operations, seed);
    assert.equal(operations.length, STATISTICS.operations);
    let [length, end, inserts, jumps] = [0, 0, 0, 0];
    for (const [index, deleted, inserted] of operations) {
      assert.ok(index >= 0 && index + deleted <= length, `${index} in ${length}`);
      if (inserted !== "") inserts += 1;
      if (index !== end && index + deleted !== end) jumps += 1;
      end = index + inserted.length;
      length += inserted.length - deleted;
    }
    assert.ok(Math.abs(inserts / operations.length - STATISTICS.inserts) < 0.03, `${inserts} insertions`);
    assert.ok(Math.abs(jumps / operations.length - STATISTICS.jumps) < 0.004, `${jumps} jumps`);
  }
});

test("the same seed makes the same session", () => {
  assert.deepEqual(generate(1_000, 7), generate(1_000, 7));
  assert.notDeepEqual(generate(1_000, 7), generate(1_000, 8));
});

test("a trace of the reader's own is taken, and refused with the operation that does not fit", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-trace-"));
  t.after(() => rm(folder, { recursive: true }));
  const load = async (content) => {
    const file = path.join(folder, "trace.json.gz");
    await writeFile(file, content);
    return loadTrace(file);
  };
  const operations = [[0, 0, "ab"], [1, 1, ""]];
  assert.deepEqual((await load(gzipSync(JSON.stringify(operations)))).operations, operations);
  assert.deepEqual((await load(JSON.stringify(operations))).operations, operations);
  await assert.rejects(load('[[0,0,"a"],[2,0,"b"]]'), /^Problem: Operation 1 of the trace .* is \[2,0,"b"\], in a text of 1 characters/);
  await assert.rejects(load('[[0,0,"a"],[0,2,""]]'), /^Problem: Operation 1 /);
  await assert.rejects(load('[[0,"a"]]'), /^Problem: Operation 0 /);
  await assert.rejects(load("{}"), /^Problem: .* is no list of \[position, deleted, inserted\]/);
  await assert.rejects(load("{"), /^Problem: The trace .* can't be read/);
  await assert.rejects(loadTrace(path.join(folder, "none.json")), /^Problem: The trace .* can't be read: ENOENT/);
});

const ROW = {
  name: "made-up",
  title: "Made up",
  how: "Nothing is measured.",
  libraries: ["syncline", "yjs"],
  rounds: { full: 3, quick: 1 },
  measurements: {
    time: { title: "time", unit: "ms", target: { ratio: 0.5 } },
    size: { title: "size", unit: "kB", target: { most: 10 } },
    ours: { title: "ours alone", unit: "", missing: { yjs: "it has none" } },
  },
};

function runMadeUp(round) {
  return runRow({ ...ROW, round }, { libraries: ["syncline", "yjs", "loro"], stage: {}, quick: false, operations: 1, log: silent });
}

test("a row is measured once a round by each library that takes part", async () => {
  const seen = [];
  const { samples, rounds } = await runMadeUp(async ({ library, number }) => {
    seen.push(`${number} ${library}`);
    return library === "yjs" ? { time: 10, size: 20 } : { time: 4 + number, size: 5, ours: 1 };
  });
  assert.deepEqual(seen, ["0 syncline", "0 yjs", "1 yjs", "1 syncline", "2 syncline", "2 yjs"]);
  assert.equal(rounds, 3);
  assert.deepEqual(samples.time, { syncline: [4, 5, 6], yjs: [10, 10, 10] });
  const found = summary(samples.time);
  assert.deepEqual(found, { syncline: { value: 5, ratio: 0.5 }, yjs: { value: 10, ratio: 1 } });
  assert.equal(verdict(ROW.measurements.time, found), "✓");
  assert.equal(verdict({ target: { ratio: 0.49 } }, found), "✗");
  assert.equal(verdict({ target: { most: 4 } }, found), "✗");
  assert.equal(verdict({ target: { most: 4 } }, {}), "");
});

test("a library that fails is told with its reason, and the others are measured on", async () => {
  const result = await runMadeUp(async ({ library, number }) => {
    if (library === "yjs" && number === 0) throw new Error("it broke\n    at somewhere");
    return { time: 1 };
  });
  assert.deepEqual(result.failures, { yjs: "it broke" });
  assert.deepEqual(result.samples.time, { syncline: [1, 1, 1] });
});

test("the results tell every target, met or not, and why a library has no value", async () => {
  const result = await runMadeUp(async ({ library }) => (library === "yjs" ? { time: 10, size: 20 } : { time: 6, size: 5, ours: 1 }));
  const session = { name: "made up", operations: [1, 2, 3] };
  const { text } = await describe([{ row: ROW, ...result }], {
    commit: "abc1234",
    libraries: [],
    quick: true,
    rounds: 5,
    operations: 3,
    session,
    minutes: 1,
  });
  assert.match(text, /`npm run bench -- --quick --rounds 5` on \d{4}-\d\d-\d\d at commit abc1234 in 1 min/);
  assert.match(text, /1 of 2 are met/);
  assert.match(text, /\| Made up: time \| ×0\.5 \| ×0\.6 \| ✗ \|/);
  assert.match(text, /\| size \| 5 kB \(×0\.25\) \| 20 kB \| 10 kB ✓ \|/);
  assert.match(text, /\| ours alone \| 1 \| – \|/);
  assert.match(text, /– yjs, ours alone: it has none\./);
  assert.match(text, /!\[Made up\]\(charts\/made-up\.svg\)/);
});

test("a chart has a bar for each value, as long as its ratio says, and readable colours in the dark", () => {
  const bars = [["syncline", 0.1], ["yjs", 1], ["loro", 10]].map(([library, ratio]) => ({ library, ratio, label: `×${ratio}` }));
  const names = { syncline: "Syncline", yjs: "yjs", loro: "Loro & co" };
  const svg = drawChart({ title: "a < b", base: "yjs", names, lines: [{ title: "work", target: 0.2, bars }] });
  const widths = [...svg.matchAll(/<rect x="210" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width)).slice(-3);
  assert.equal(widths.length, 3);
  assert.ok(Math.abs(widths[2] - 2 * widths[1]) < 0.5, `on a scale of two decades: ${widths}`);
  assert.match(svg, /prefers-color-scheme:dark/);
  assert.match(svg, /<title>a &lt; b<\/title>/);
  assert.match(svg, /Loro &amp; co/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  const openings = [...svg.matchAll(/<([a-z]+)[^>]*[^/]>/g)].length;
  assert.equal([...svg.matchAll(/<\/[a-z]+>/g)].length, openings, "every element is closed");
});

test("where there is nothing to compare there is no chart", () => {
  const bars = [{ library: "syncline", ratio: 1, label: "" }];
  assert.equal(drawChart({ title: "", base: "yjs", names: {}, lines: [{ title: "work", bars }] }), undefined);
});
