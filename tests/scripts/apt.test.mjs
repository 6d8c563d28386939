// What is not in a package registry is found where servers are, and a machine that may not install it is told what to do.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { findOnPath, findServer, installWithApt } from "../../scripts/lib/apt.mjs";
import { ensureClusterPrograms, findClusterPrograms } from "../../scripts/lib/cluster-programs.mjs";
import { silent } from "../../scripts/lib/log.mjs";

const NOWHERE = "/nonexistent";

/** Runs `work` where the environment has `changes`. */
async function withEnvironment(changes, work) {
  const before = { ...process.env };
  Object.assign(process.env, changes);
  try {
    await work();
  } finally {
    for (const name of Object.keys(changes)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

test("a program is the first that can be run, of the names in their order", async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-path-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const name of ["first", "second", "third"]) await writeFile(path.join(folder, name), "");
  for (const name of ["second", "third"]) await chmod(path.join(folder, name), 0o755);
  await withEnvironment({ PATH: [NOWHERE, folder].join(path.delimiter) }, async () => {
    for (const find of [findOnPath, findServer]) {
      assert.equal(find(["first", "second", "third"]), path.join(folder, "second"));
      assert.equal(find(["fourth"]), undefined);
    }
  });
});

test("a machine without apt-get is told who needs what, and how to get it", async () => {
  await withEnvironment({ PATH: NOWHERE }, async () => {
    const wanted = { what: "a thing", packages: ["one", "two"], otherwise: "say where it is" };
    const words = "a thing: install it (Debian: `apt-get install one two`), or say where it is.";
    await assert.rejects(installWithApt(silent, wanted), { name: "Problem", message: `The tests need ${words}` });
    await assert.rejects(installWithApt(silent, { ...wanted, needs: "The example needs" }), { message: `The example needs ${words}` });
  });
});

test("servers that the environment names come before those on the PATH", async () => {
  await withEnvironment({ REDIS_SERVER: "/a/redis", NGINX: "/a/nginx", PATH: NOWHERE }, async () => {
    assert.deepEqual(findClusterPrograms(), { redis: "/a/redis", nginx: "/a/nginx" });
    assert.deepEqual(await ensureClusterPrograms({ log: silent }), { redis: "/a/redis", nginx: "/a/nginx" });
  });
});
