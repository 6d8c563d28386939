// `npm start` in examples/cluster: it prints an address that works, starts again what is killed, leaves nothing behind.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { freePort, isFree } from "../../scripts/lib/ports.mjs";
import { startProgram } from "../../scripts/lib/program.mjs";
import { ROOT, runToEnd } from "../../scripts/lib/run.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";

const START = path.join(ROOT, "examples", "cluster", "start.mjs");

/** Starts the example; resolves when it said how it is reached. */
async function start(own, args) {
  const options = { name: "the example", command: process.execPath, args: [START, ...args], ready: /Ctrl-C stops/ };
  const example = await startProgram(options);
  return own(example, () => example.stop());
}

function untilLine(program, pattern) {
  const lines = (listener) => program.onLine(listener);
  return until(() => pattern.test(program.output), { sources: [lines], state: () => program.output });
}

test("npm start prints what works, starts again what is killed, keeps the documents, and stops everything", async (t) => {
  const own = cleanup(t);
  const data = own(await mkdtemp(path.join(tmpdir(), "syncline-start-")), () => rm(data, { recursive: true, force: true }));
  const port = await freePort();
  const args = ["--data", data, "--port", `${port}`];
  const url = `ws://127.0.0.1:${port}`;
  const first = await start(own, args);
  assert.match(first.output, new RegExp(`ready: ${url}`));
  const ada = own(await joinWithSyncline(url, "doc", { protocol: "hocuspocus" }));
  process.kill(Number(/instance-1 +process (\d+)/.exec(first.output)[1]), "SIGKILL");
  await untilLine(first, /instance-1 ended \(SIGKILL\); it is started again/);
  ada.body.insert(0, "hello");
  await ada.doc.saved();
  await first.stop("SIGINT");
  assert.deepEqual(await first.ended, { code: 0, signal: null });
  assert(await isFree(port));

  const second = await start(own, args);
  const bob = own(await joinWithSyncline(url, "doc", { protocol: "hocuspocus" }));
  assert.equal(bob.body.toString(), "hello");
  await second.stop("SIGTERM");
  assert.deepEqual(await second.ended, { code: 0, signal: null });
});

test("what is wrong with an option is told in one line", async () => {
  const { code, output } = await runToEnd(process.execPath, [START, "--port", "x"]);
  assert.equal(code, 1);
  assert.equal(output, "✗ --port is 'x', it must be a whole number from 1 to 65535.");
});
