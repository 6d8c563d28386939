// `npm start` in examples/serverless: it prints an address and a token that work, and leaves nothing behind when it is stopped.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import test from "node:test";
import { freePort, isFree } from "../../scripts/lib/ports.mjs";
import { ROOT, runToEnd } from "../../scripts/lib/run.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { joinServerless } from "./lib/serverless-client.mjs";

const START = path.join(ROOT, "examples", "serverless", "start.mjs");

/** Starts the example; resolves when it said how it is reached. */
async function start(own, args) {
  const child = spawn(process.execPath, [START, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close");
  own(child, async () => (child.kill("SIGKILL"), closed));
  const lines = [];
  const found = (pattern) => lines.map((line) => pattern.exec(line)?.[1]).find(Boolean);
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => lines.push(line) && /Ctrl-C stops/.test(line) && resolve());
    }
    closed.then(() => reject(new Error(lines.join("\n"))));
  });
  const stop = async (signal) => {
    child.kill(signal);
    return (await closed)[0];
  };
  return { url: found(/(ws:\S+)$/), token: found(/^\s*(ey[\w.-]+)$/), stop };
}

test("npm start prints what works, keeps the documents and the token, and stops everything", async (t) => {
  const own = cleanup(t);
  const data = own(await mkdtemp(path.join(tmpdir(), "syncline-start-")), () => rm(data, { recursive: true, force: true }));
  const port = await freePort();
  const args = ["--data", data, "--room", "notes", "--port", `${port}`];
  const first = await start(own, args);
  assert.equal(first.url, `ws://127.0.0.1:${port}`);
  const ada = own(await joinServerless(first.url, { room: "notes", token: first.token }));
  const bob = own(await joinServerless(first.url, { room: "notes", token: first.token }));
  ada.body.insert(0, "hello");
  await bob.shows("hello");
  assert.equal(await first.stop("SIGINT"), 0);
  assert(await isFree(port));

  const second = await start(own, args);
  const carl = own(await joinServerless(second.url, { room: "notes", token: first.token }));
  await carl.shows("hello");
  assert.equal(await second.stop("SIGTERM"), 0);
});

test("what is wrong with an option is told in one line", async () => {
  const { code, output } = await runToEnd(process.execPath, [START, "--port", "x"]);
  assert.equal(code, 1);
  assert.equal(output, "✗ --port is 'x', it must be a whole number from 1 to 65535.");
});
