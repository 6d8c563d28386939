// What is told of the life of a document: the sentence, the trace, the counters, the logger and the marks.

import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { after, test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { fakeRaw } from "./helpers/fake-raw.mjs";
import { reportedBy } from "./helpers/reported.mjs";

const { open } = await importBuilt("index.node.js");
const { Doc } = await importBuilt("doc.js");
const { COUNTERS, TRACE_KINDS } = await importBuilt("observe.js");

const opened = [];
after(() => Promise.all(opened.map((doc) => doc.close())));

/** A socket that a test opens, feeds and closes. */
class PlayedSocket extends EventTarget {
  static last;
  readyState = 0;
  sent = [];
  constructor() {
    super();
    PlayedSocket.last = this;
  }
  send(data) {
    this.sent.push(data);
  }
  close() {}
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  receive(...bytes) {
    this.dispatchEvent(new MessageEvent("message", { data: new Uint8Array(bytes).buffer }));
  }
  fail(code, reason = "") {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }
}

async function openPlayed(options = {}) {
  const url = "ws://127.0.0.1:1/secret-path";
  const doc = await open(url, "secret-room", { WebSocket: PlayedSocket, token: "secret-token", ...options });
  opened.push(doc);
  await endOfTask();
  return doc;
}

/** Resolves when what was asked in this task has been done. */
const endOfTask = () => new Promise((resolve) => setImmediate(resolve));

const STEP_1_OF_NOTHING = [0, 0, 1, 0];
const STEP_2_OF_NOTHING = [0, 1, 2, 0, 0];

test("a sentence says why something is not saved", async () => {
  const doc = await openPlayed();
  assert.match(doc.explain(), /^All is saved: the server holds every edit; at the moment a connection is being opened\.$/);
  doc.text("body").insert(0, "secret-text");
  assert.match(doc.explain(), /^11 edits are not saved.*: a connection is being opened\.$/);
  PlayedSocket.last.fail(1006);
  assert.match(doc.explain(), /^11 edits are not saved, the oldest for .*\(close code 1006\); the next attempt is in \d+ ms\.$/);
  doc.disconnect();
  assert.match(doc.explain(), /the application wants no connection/);
  await doc.close();
  assert.throws(() => doc.explain(), { code: "closed" });
});

test("a trace tells what happened in kinds and numbers, and nothing that anybody said", async () => {
  const doc = await openPlayed({ answerTimeout: 5_000, closeCodes: { 4300: "stop" } });
  doc.text("secret-name").insert(0, "secret-text");
  doc.presence.set({ name: "secret-person" });
  await endOfTask();
  const socket = PlayedSocket.last;
  socket.open();
  socket.receive(...STEP_1_OF_NOTHING);
  socket.receive(...STEP_2_OF_NOTHING);
  socket.fail(4300, "secret-words");

  const trace = doc.trace();
  assert.deepEqual(JSON.parse(JSON.stringify(trace)), trace, "it is plain JSON");
  assert(!JSON.stringify(trace).includes("secret"), JSON.stringify(trace));
  const { entries, ...rest } = trace;
  const options = { answerTimeout: 5_000, closeCodes: { 4300: "stop" } };
  const head = { version: 1, protocol: "y-websocket", options, document: 0, completeFrom: 0 };
  assert.deepEqual(rest, { ...head, count: entries.length });
  assert.deepEqual(entries.map(([, kind]) => kind).filter((kind) => !TRACE_KINDS.includes(kind)), []);
  const times = entries.map(([time]) => time);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
  const told = entries.slice(1).map(([, ...details]) => details.join(" "));
  assert.deepEqual(told.filter((line) => !line.startsWith("out")), [
    "document 4",
    "phase disconnected ",
    "connect",
    "open 1",
    "phase connecting ",
    "presence 24",
    "edit 11",
    "opened 1",
    "phase handshaking ",
    "in sync-step-1 4",
    "in sync-step-2 5",
    "phase synced ",
    "closed 1 4300",
    "phase stopped server-refused",
  ]);
  assert.match(told.join("\n"), /out sync-step-1 \d+\n(.*\n)*out sync-step-2 \d+/);
});

test("a trace does not grow without end and keeps how it began", async () => {
  const doc = await openPlayed();
  const socket = PlayedSocket.last;
  socket.open();
  for (let count = 0; count < 2_000; count += 1) socket.receive(...STEP_1_OF_NOTHING);
  // The last of a burst are taken in together.
  await endOfTask();
  const { entries, completeFrom, count } = doc.trace();
  assert(entries.length <= 256 && count > 4_000, `${entries.length} of ${count}`);
  assert.equal(entries[0][1], "session");
  assert(entries.slice(completeFrom).every(([, kind]) => kind === "in" || kind === "out"));
});

test("counters are numbers, all of them, and count", async () => {
  const doc = await openPlayed();
  doc.text("body").insert(0, "x");
  const socket = PlayedSocket.last;
  socket.open();
  socket.receive(...STEP_1_OF_NOTHING);
  socket.receive(...STEP_2_OF_NOTHING);
  for (const bytes of [...socket.sent]) socket.receive(...bytes);
  const counters = doc.counters();
  assert.deepEqual(Object.keys(counters), [...COUNTERS]);
  assert(Object.values(counters).every((number) => Number.isSafeInteger(number) && number >= 0), JSON.stringify(counters));
  const { attempts, opened, reconnects, framesIn, framesOut, bytesOut, proven, updatesOut } = counters;
  assert.deepEqual({ attempts, opened, reconnects, proven }, { attempts: 1, opened: 1, reconnects: 0, proven: 1 });
  assert.equal(bytesOut, socket.sent.reduce((sum, bytes) => sum + bytes.byteLength, 0));
  assert.equal(framesOut, socket.sent.length);
  assert(framesIn >= 3 && updatesOut >= 1);
});

test("a logger is told of transitions, failures and problems, and of no secret", async () => {
  const told = [];
  const doc = await openPlayed({ logger: (...args) => told.push(args), closeCodes: { 4300: "stop" } });
  doc.text("body").insert(0, "secret-text");
  await endOfTask();
  const socket = PlayedSocket.last;
  socket.fail(1006);
  doc.reconnect();
  await endOfTask();
  PlayedSocket.last.open();
  PlayedSocket.last.receive(...STEP_2_OF_NOTHING);
  PlayedSocket.last.receive(0, 2, 3, 9, 9, 9);
  PlayedSocket.last.fail(4300);
  await doc.close();
  const lines = told.map(([level, message]) => `${level} ${message.replace(/: .*/, "")}`);
  assert.deepEqual(lines, [
    "info disconnected",
    "info connecting",
    "warn waiting",
    "info connecting",
    "info handshaking",
    "info synced",
    "warn malformed update",
    "warn synced",
    "error stopped",
    "info closed",
  ]);
  const [, , { retryIn, ...fields }] = told[2];
  assert.deepEqual(fields, { client: doc.clientId, phase: "waiting", reason: "unreachable", closeCode: 1006, attempt: 1, unsynced: 11 });
  assert.equal(typeof retryIn, "number");
  assert(!JSON.stringify(told).includes("secret"));
});

test("a logger may be an object with some of the levels, and what it throws stops nothing", () => {
  const warned = [];
  const logger = {
    warn: (message, fields) => warned.push([message, fields]),
    error: () => {
      throw new Error("the logger failed");
    },
  };
  const fake = fakeRaw();
  const doc = new Doc(fake.raw, "ws://127.0.0.1", "room", { logger });
  const phases = [];
  doc.on("status", ({ phase }) => phases.push(phase));
  const errors = reportedBy(() => {
    fake.setStatus({ phase: "synced", unsynced: 0 });
    fake.setStatus({ phase: "stopped", unsynced: 0 });
    fake.send({ type: "refused", changes: [] });
  });
  assert.deepEqual(errors.map((error) => error.message), ["the logger failed"]);
  assert.deepEqual(phases, ["synced", "stopped"]);
  assert.deepEqual(warned, [["syncline: the server has refused edits", { client: 42, changes: 0 }]]);
});

test("what is no logger is refused", async () => {
  for (const logger of ["console", 1, true, null]) {
    await assert.rejects(open("ws://127.0.0.1:1", "room", { connect: false, logger }), { code: "bad-option" });
  }
});

test("marks tell when a document was opened and in step, and are not many", async () => {
  performance.clearMarks();
  const doc = await openPlayed();
  const socket = PlayedSocket.last;
  socket.open();
  socket.receive(...STEP_1_OF_NOTHING);
  socket.receive(...STEP_2_OF_NOTHING);
  const marks = () => performance.getEntriesByType("mark").filter(({ name }) => name.startsWith("syncline:"));
  assert.deepEqual(marks().map(({ name }) => name), ["open", "connecting", "ready", "synced"].map((name) => `syncline:${name}`));
  assert.deepEqual(marks().at(-1).detail, { client: doc.clientId });

  const fake = fakeRaw();
  new Doc(fake.raw, "ws://127.0.0.1", "room");
  for (let count = 0; count < 1_000; count += 1) fake.setStatus({ phase: count % 2 ? "waiting" : "connecting", unsynced: 0 });
  assert(marks().length < 100, `${marks().length} marks`);
});

test("a page that opens document after document does not fill the timeline", async () => {
  performance.clearMarks();
  for (let count = 0; count < 200; count += 1) await (await open("ws://127.0.0.1:1", "room", { connect: false })).close();
  const names = performance.getEntriesByType("mark").map(({ name }) => name);
  assert(names.length < 100, `${names.length} marks`);
  assert(names.includes("syncline:open"), "none of the last ones");
});
