// The wasm gets a standard library made for size where that is possible, and elsewhere the build says what it does instead.

import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { silent } from "../../scripts/lib/log.mjs";
import { chooseStd } from "../../scripts/lib/small-std.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";

/** Chooses on a machine whose programs are the shell scripts given; returns the choice and what was said of it. */
async function chooseWith(t, programs) {
  const own = cleanup(t);
  const folder = own(await mkdtemp(path.join(tmpdir(), "syncline-std-")), () => rm(folder, { recursive: true }));
  for (const [name, script] of Object.entries(programs(folder))) {
    await writeFile(path.join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(folder, name), 0o755);
  }
  const before = own(process.env.PATH, () => (process.env.PATH = before));
  process.env.PATH = [folder, "/usr/bin", "/bin"].join(path.delimiter);
  const said = [];
  const std = await chooseStd({ log: { ...silent, info: (line) => said.push(line) }, build: ["build"] });
  return { std, said };
}

const library = (folder) => path.join(folder, "lib", "rustlib", "src", "rust", "library");
const adding = (folder) => `mkdir -p ${library(folder)} && touch ${library(folder)}/Cargo.lock`;

test("the source of the standard library is added where it is missing", async (t) => {
  const { std, said } = await chooseWith(t, (folder) => ({
    rustc: `echo ${folder}`,
    rustup: `[ "$*" = "component add rust-src" ] && ${adding(folder)}`,
    cargo: `case "$*" in build*--unit-graph) [ "$RUSTC_BOOTSTRAP" = 1 ];; *) exit 1;; esac`,
  }));

  assert.equal(std.name, "small");
  assert.deepEqual(said, []);
});

test("where the source cannot be had, the wasm is built with the library as it comes", async (t) => {
  const { std, said } = await chooseWith(t, (folder) => ({ rustc: `echo ${folder}`, rustup: "exit 1", cargo: "exit 0" }));

  assert.deepEqual(std, { name: "ordinary", args: [], env: {} });
  assert.equal(said.length, 1);
  assert.match(said[0], /rust-src is missing: .*run `rustup component add rust-src`/);
});

test("where the crates of the library cannot be loaded, it is taken as it comes", async (t) => {
  const { std, said } = await chooseWith(t, (folder) => ({
    rustc: `${adding(folder)} && echo ${folder}`,
    rustup: "exit 1",
    cargo: "exit 101",
  }));

  assert.equal(std.name, "ordinary");
  assert.match(said[0], /the crates it is made of cannot be loaded/);
});
