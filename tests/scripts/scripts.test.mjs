// Bad states are told in one line that says what to do; the pinned tools fit the crate.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { run, runToEnd, ROOT } from "../../scripts/lib/run.mjs";
import { WASM_TOOLS } from "../../scripts/lib/wasm-tools.mjs";

const START = "scripts/start.mjs";

/** Runs a script that is to fail; returns what it printed as its last line. */
async function lastLineOfFailure(args, env) {
  const { code, output } = await runToEnd(process.execPath, args, { env });
  assert.equal(code, 1, output);
  assert.doesNotMatch(output, /^\s+at /m, "there is no stack trace");
  return output.split("\n").at(-1);
}

test("an unknown option is told with where the options are listed", async () => {
  assert.match(await lastLineOfFailure([START, "--prot", "1"]), /^✗ Unknown option '--prot': .*--help/);
  assert.match(await lastLineOfFailure([START, "--port", "70000"]), /^✗ --port is '70000', it must be a whole number/);
});

test("a taken port is told before anything is built", async (t) => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  t.after(() => taken.close());
  await once(taken, "listening");
  const { port } = taken.address();
  assert.match(await lastLineOfFailure([START, "--port", `${port}`]), new RegExp(`^✗ Port ${port} is taken .*choose another`));
});

test("a machine without Rust is told to install rustup", async () => {
  assert.match(await lastLineOfFailure([START], { PATH: "/nonexistent" }), /^✗ Rust [\d.]+ is missing: install rustup/);
});

test("an unknown group of tests is told with those there are", async () => {
  assert.match(await lastLineOfFailure(["scripts/test.mjs", "all"]), /^✗ There is no group of tests 'all': choose from .*core/);
});

test("a download that fails is told as a problem of the network", async () => {
  const script = "console.error('npm error code ENOTFOUND'); process.exit(1)";
  await assert.rejects(run(process.execPath, ["-e", script], { problem: "The packages could not be installed." }), {
    name: "Problem",
    message: /^The packages could not be installed\. The network does not answer \(npm error code ENOTFOUND\): /,
  });
});

test("a program that is missing is told by its name", async () => {
  await assert.rejects(run("no-such-program", []), { name: "Problem", output: "no-such-program: not found" });
});

test("wasm-bindgen-cli has the version of the crate wasm-bindgen", async () => {
  const manifest = await readFile(path.join(ROOT, "Cargo.toml"), "utf8");
  const { version } = WASM_TOOLS.find(({ crate }) => crate === "wasm-bindgen-cli");
  assert.equal(/^wasm-bindgen = "=(.+)"$/m.exec(manifest)[1], version);
});
