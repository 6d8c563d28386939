// Some of the random sessions beside real Yjs that `npm run differential` runs, and how it tells of one that fails.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { ROOT, run } from "./helpers/built.mjs";
import { runCampaign } from "../differential/lib/campaign.mjs";
import { programOf } from "../differential/lib/generate.mjs";
import { runSession } from "../differential/lib/session.mjs";
import { hasMarks, withResult } from "../differential/lib/record.mjs";
import { shrink } from "../differential/lib/shrink.mjs";
import { asTest, literal } from "../differential/lib/show.mjs";

/** These take less than ten seconds. */
const SEEDS = 1000;

test("random sessions beside Yjs end with the same everywhere", async () => {
  const { failures, sessions } = await runCampaign({ from: 0, to: SEEDS, most: 1 });
  for (const { seed, words, test: shortest } of failures) assert.fail(`seed ${seed}: ${words}\n\n${shortest}`);
  assert.equal(sessions, SEEDS);
});

test("a session is the same whenever it is run", async () => {
  for (let seed = 0; seed < 20; seed++) {
    assert.deepStrictEqual(programOf(seed), programOf(seed));
    assert.deepStrictEqual(await runSession(programOf(seed)), await runSession(programOf(seed)), `seed ${seed}`);
  }
});

test("a session that fails is made as short as it can be, and shown as a test that fails", async (t) => {
  const bad = { do: "edit", by: 0, root: "meta", path: [], map: ["set", "a", Number.NaN] };
  const { steps } = programOf(3);
  const program = { ...programOf(3), steps: [...steps, { do: "together", by: 0, edits: [bad, bad] }, ...steps] };
  program.peers[0] = { ...program.peers[0], kind: "syncline" };
  const { program: shortest, error } = await shrink(program);
  assert.equal(error.code, "bad-value");
  assert.deepEqual(shortest.steps, [bad]);
  assert.deepEqual(shortest.peers.map(({ kind }) => kind), ["syncline"]);

  const folder = await mkdtemp(path.join(tmpdir(), "syncline-differential-"));
  t.after(() => rm(folder, { recursive: true }));
  const shown = path.join(folder, "seed.test.mjs");
  const lib = pathToFileURL(path.join(ROOT, "tests", "differential", "lib")).href;
  await writeFile(shown, asTest(shortest, "seed 3").replace("./lib", lib));
  await assert.rejects(run(process.execPath, [shown]), /NaN cannot be kept/);
});

test("values are shown as they are written", () => {
  const value = { a: Uint8Array.of(1, 2), "ключ": [null, -0, 2n], gone: undefined };
  assert.equal(literal(value), '{ a: Uint8Array.of(1, 2), "ключ": [null, -0, 2n] }');
});

test("a result takes the place of the one before, and what stands around it stays", async () => {
  const page = await readFile(path.join(ROOT, "docs", "reliability.md"), "utf8");
  assert.equal(hasMarks(page), true);
  assert.equal(hasMarks("# Another page\n"), false);
  const result = { date: "2026-11-26", commit: "abc", from: 0, to: 10, sessions: 10, operations: 1234, taken: 56, divergences: 0 };
  const first = withResult(page, result);
  assert.equal(first.split("\n| 2026-11-26 | `abc` | 0..10 | 10 | 1,234 | 56 | 0 |\n").length, 2);
  assert.deepEqual([first.slice(0, 500), first.slice(-300)], [page.slice(0, 500), page.slice(-300)]);
  assert.equal(withResult(first, { ...result, sessions: 20 }), first.replace("| 10 | 1,234", "| 20 | 1,234"));
});
