// How a campaign of simulations is shared out and told.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { betweenMarks } from "../../scripts/lib/marks.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";
import { readSeeds } from "../../scripts/lib/options.mjs";
import { again, failureIn, inMarkdown, portions, stormIn, WORLDS } from "../../scripts/lib/schedules.mjs";

test("every world has its test", async () => {
  for (const { binary, test: name } of WORLDS) {
    const [file] = name.includes("::") ? name.split("::") : ["main"];
    const source = await readFile(path.join(ROOT, "tests", binary, `${file}.rs`), "utf8");
    assert.ok(source.includes(`#[test]\nfn ${name.split("::").at(-1)}()`), `${binary} has no ${name}`);
  }
});

test("every world meets every seed once", () => {
  assert.deepEqual([readSeeds("3..8"), readSeeds("8..3"), readSeeds("all")], [{ from: 3, to: 8 }, undefined, undefined]);
  const shares = portions({ from: 3, to: 8 }, 2);
  assert.equal(shares.length, 3 * WORLDS.length);
  const first = shares.filter(({ world }) => world === WORLDS[0]).map(({ from, to }) => [from, to]);
  assert.deepEqual(first, [[3, 5], [5, 7], [7, 8]]);
});

test("a seed that fails is told with a test that fails in the same way", () => {
  const output = "thread 'x' panicked at tests/simulation/seeds.rs:1:1:\nseed 12 fails: the replicas differ\nas a test:\n\n#[test]\nfn seed_12_heals() {\n    heals(12, &[\n    ]);\n}\n\nnote: run";
  const failure = failureIn(output);
  assert.deepEqual([failure.seed, failure.words], [12, "the replicas differ"]);
  assert.equal(failure.test, "#[test]\nfn seed_12_heals() {\n    heals(12, &[\n    ]);\n}\n");
  assert.match(again({ world: WORLDS[0], ...failure }), /^SYNCLINE_SEED=12 cargo test --test simulation every_world/);
  assert.equal(failureIn("test result: ok"), undefined);
});

test("a campaign has its place on the page", async () => {
  const storm = stormIn("storm: 1006 10 500 40 52000 1.5 20.1\n");
  const runs = [{ world: WORLDS[0], count: 2000, seconds: 4 }];
  const failures = [{ world: WORLDS[0], seed: 7, words: "it differs" }];
  const text = inMarkdown({ day: "2026-11-26", commit: "abc", seeds: { from: 0, to: 2000 }, jobs: 1, seconds: 61, runs, failures, storm });
  assert.match(text, /seeds 0\.\.2000 of each, \*\*2,000 schedules, 1 failures\*\*, in 2 minutes with 1 at once/);
  assert.match(text, /\| 2,000 \| 500 \|/);
  assert.match(text, /SYNCLINE_SEED=7 .*: it differs/);
  assert.match(text, /\| 1006 \| 10 s \| 500 \| 40 \| 5\.2 \| 1\.5 s \| 20\.1 s \|/);
  const page = await readFile(path.join(ROOT, "docs", "reliability.md"), "utf8");
  for (const writer of ["`npm run simulate -- --record`", "`npm run mutants -- --record`"]) {
    assert.match(betweenMarks(page, writer, "campaign", text), /it differs/);
  }
});
