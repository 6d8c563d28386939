// Programs that keep running, and when they are known to be ready.

import assert from "node:assert/strict";
import test from "node:test";
import { startProgram } from "../../scripts/lib/program.mjs";
import { startSite } from "../packaging/lib/site.mjs";

/** Prints what Vite prints where `CI` is set, and runs on. */
const IN_COLOURS = `console.log("\\u001b[1mLocal\\u001b[22m:   \\u001b[36mhttp://127.0.0.1"); setInterval(() => {}, 1000);`;

test("a program that prints in colours is known to be ready by what it says", async () => {
  const program = await startProgram({
    name: "a program",
    command: process.execPath,
    args: ["--eval", IN_COLOURS],
    ready: /^Local: +http:/,
  });
  try {
    assert.equal(program.output, "Local:   http://127.0.0.1");
  } finally {
    await program.stop();
  }
});

test("a site that prints in colours is known to be served by what it says", async () => {
  const site = await startSite({ cwd: process.cwd(), env: process.env }, "--eval", () => [IN_COLOURS], /^Local: +http:/);
  await site.close();
});
