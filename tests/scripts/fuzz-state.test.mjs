// What is remembered of a run of the fuzzer that goes on another day.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { read, State } from "../../scripts/lib/fuzz-state.mjs";

const RUN = { title: "natively", wasm: false, commit: "abc", first: 100, jobs: 1 };

let folder;
before(async () => (folder = await mkdtemp(path.join(tmpdir(), "syncline-fuzz-state-"))));
after(() => rm(folder, { recursive: true, force: true }));

/** A run that met the seeds 100 to 140, of which one escaped. */
async function runOnce(file) {
  const state = await State.open(file, RUN);
  const part = state.begin(0, state.next(0, 100));
  Object.assign(part, { next: 140, escapes: 1 });
  state.note();
  await state.flush();
}

test("a run goes on where it was ended", async () => {
  const file = path.join(folder, "goes-on", "state.json");
  await runOnce(file);
  const state = await State.open(file, { ...RUN, first: 9_000 });
  assert.equal(state.run.first, 100);
  assert.equal(state.next(0, 9_000), 140);
  state.begin(0, 140).next = 150;
  await state.flush();
  assert.deepEqual((await read(file)).jobs, [[{ first: 100, next: 150, escapes: 1 }]]);
});

test("a run that is not kept begins anew", async () => {
  const state = await State.open(undefined, RUN);
  assert.equal(state.next(0, 100), 100);
  await state.flush();
});

test("a run at another commit, or of another kind, is not counted with it", async () => {
  const file = path.join(folder, "other.json");
  await runOnce(file);
  await assert.rejects(State.open(file, { ...RUN, commit: "def" }), /commit 'abc', and this is 'def'/);
  await assert.rejects(State.open(file, { ...RUN, title: "on the wasm build" }), /title/);
  await assert.rejects(State.open(file, { ...RUN, jobs: 2 }), /--jobs 1/);
});

test("a file that no run has written is said to be so", async () => {
  const file = path.join(folder, "garbage.json");
  await writeFile(file, "{");
  await assert.rejects(read(file), /not what a run of the fuzzer has written/);
  assert.equal(await readFile(file, "utf8"), "{");
});
