// The servers in Python get an environment of their own, and a machine without Python is told how to get it.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { silent } from "../../scripts/lib/log.mjs";
import { ensurePython } from "../../scripts/lib/python.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";

test("a machine without Python and without apt-get is told what to install", async (t) => {
  const own = cleanup(t);
  const cache = own(await mkdtemp(path.join(tmpdir(), "syncline-python-")), () => rm(cache, { recursive: true, force: true }));
  const before = own(process.env.PATH, () => (process.env.PATH = before));
  process.env.PATH = "/nonexistent";
  await assert.rejects(ensurePython({ log: silent, cache }), {
    name: "Problem",
    message: /^The tests need Python 3 with its module venv: .*apt-get install python3 python3-venv.*PATH/,
  });
});
