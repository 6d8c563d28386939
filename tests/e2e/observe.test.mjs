// What a document tells of its life in a real browser, where its connection is cut, refused and swallowed: the trace of it
// is the one in tests/golden/, which the simulation plays again. SYNCLINE_TRACE=<file> writes down a new one.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import test from "node:test";
import { openBarePage } from "./lib/bare-page.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const SENT_FOR_SILENCE = { quietTimeout: 1_000, answerTimeout: 1_000, backoffBase: 50 };

test("a document tells what happened to it, what is not saved and why, and leaves marks", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const pages = own(await servePages());
  const browser = own(await startBrowser());
  const person = own(await openBarePage(browser, pages, proxy.url, "secret-room", { ...SENT_FOR_SILENCE, store: true }));
  await person.untilPhase("synced");
  const other = own(await joinWithYjs(server.url, "secret-room"));

  await person.run(() => window.doc.presence.set({ name: "secret-person" }));
  await person.run(() => window.body.insert(0, "secret-text"));
  await other.shows("secret-text");
  await untilSaved(person);
  assert.match(await explained(person), /^All is saved: the server holds every edit, and so does this device/);

  proxy.goDown();
  await person.until(() => window.doc.status.attempt >= 2);
  await person.run(() => window.body.insert(0, "offline "));
  assert.match(await explained(person), /^8 edits are not saved.*: (the server cannot be reached|a connection is being)/);
  proxy.restore();
  await untilSaved(person);

  proxy.blackhole();
  await person.run(() => window.body.insert(0, "swallowed "));
  await person.until(() => window.doc.status.reason?.code === "silent");
  proxy.restore();
  await untilSaved(person);
  await person.run(() => window.doc.disconnect());
  await person.run(() => window.doc.connect());
  await untilSaved(person);

  const trace = await person.run(() => window.doc.trace());
  assert(!JSON.stringify(trace).includes("secret"));
  const phases = trace.entries.filter(([, kind]) => kind === "phase").map(([, , phase, reason]) => `${phase} ${reason}`);
  for (const expected of ["synced ", "waiting closed", "waiting unreachable", "waiting silent", "disconnected "]) {
    assert(phases.includes(expected), `${expected} is not among ${phases}`);
  }
  const counters = await person.run(() => window.doc.counters());
  assert(counters.reconnects >= 3 && counters.failures >= 3 && counters.proven >= 3, JSON.stringify(counters));
  assert(counters.latencyMax >= counters.latencyP50 && counters.syncedMs > 0, JSON.stringify(counters));
  const marks = await person.run(() => performance.getEntriesByType("mark").map(({ name }) => name));
  for (const name of ["open", "ready", "connecting", "synced", "waiting"]) assert(marks.includes(`syncline:${name}`), marks.join());
  assert.deepEqual(person.errors, []);
  if (process.env.SYNCLINE_TRACE) await writeFile(process.env.SYNCLINE_TRACE, written(trace));
});

function untilSaved(person) {
  return person.until(() => window.doc.status.phase === "synced" && window.doc.status.unsynced === 0 && window.doc.status.unstored === 0);
}

function explained(person) {
  return person.run(() => window.doc.explain());
}

/** An entry a line. */
function written({ entries, ...rest }) {
  const head = JSON.stringify({ ...rest, entries: [] }, undefined, 1).replace(/\[\]\n\}$/, "");
  return `${head}[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(",\n")}\n ]\n}\n`;
}
