// What the handles do about the device: waiting for it, forgetting it, and asking before a page is left.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { fakeRaw } from "./helpers/fake-raw.mjs";

const { Doc } = await importBuilt("doc.js");
const { openDocument, stored } = await importBuilt("open.js");

const READY = { phase: "ready" };

function open(options, status = {}) {
  const fake = fakeRaw();
  const doc = new Doc(fake.raw, "ws://127.0.0.1", "room", options);
  fake.setStatus({ phase: "synced", unsynced: 0, unstored: 0, store: READY, ...status });
  return { doc, fake };
}

/** Whether a promise is settled once everything else that is due has been done. */
async function isSettled(promise) {
  let settled = false;
  const note = () => (settled = true);
  promise.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test("open waits for what this device keeps, and only where it keeps something", async () => {
  const fake = fakeRaw({ docStatus: () => ({ phase: "connecting", unsynced: 0, unsent: 0, attempt: 0, store: { phase: "loading" } }) });
  // A promise must not resolve to the fake itself, which answers to `then` as to any other name.
  const { docOpen, docClientId, docStatus } = fake.raw;
  const opening = openDocument(async () => ({ docOpen, docClientId, docStatus }), "ws://127.0.0.1", "room", { store: true });
  assert.equal(await isSettled(opening), false);
  fake.send({ type: "opened" });
  assert.equal((await opening).clientId, 42);
});

test("stored() commits and waits until everything is on the device", async () => {
  const { doc, fake } = open({ store: true });
  fake.setStatus({ phase: "waiting", unsynced: 2, unstored: 2, store: READY });
  fake.forget();
  const stored = doc.stored();
  assert.equal(fake.names()[0], "docCommit");
  fake.setStatus({ phase: "waiting", unsynced: 2, unstored: 2, store: { phase: "failed", reason: { code: "store-quota", message: "full" } } });
  assert.equal(await isSettled(stored), false, "it is tried again");
  fake.setStatus({ phase: "waiting", unsynced: 2, unstored: 0, store: READY });
  await stored;
});

test("stored() and forget() are refused where nothing is kept, and when the document is closed meanwhile", async () => {
  const { doc, fake } = open({});
  fake.setStatus({ phase: "synced", unsynced: 0 });
  await assert.rejects(doc.stored(), { code: "not-stored" });
  await assert.rejects(doc.forget(), { code: "not-stored" });
  fake.setStatus({ phase: "synced", unsynced: 1, unstored: 1, store: READY });
  const waiting = Promise.all([
    assert.rejects(doc.stored(), { code: "closed" }),
    assert.rejects(doc.forget(), { code: "closed" }),
  ]);
  await doc.close();
  await waiting;
});

test("forget() waits until nothing is left, and says why something is", async () => {
  const { doc, fake } = open({ store: true });
  const forgotten = doc.forget();
  assert(fake.names().includes("docForget"));
  assert.equal(await isSettled(forgotten), false);
  fake.setStatus({ phase: "synced", unsynced: 0, store: { phase: "forgotten" } });
  await forgotten;

  const other = open({ store: true });
  const failed = other.doc.forget();
  other.fake.setStatus({ phase: "synced", unsynced: 0, store: { phase: "failed", reason: { code: "store-closed", message: "gone" } } });
  await assert.rejects(failed, { code: "not-stored", message: "gone" });
});

test("the browser asks before the page is left exactly while edits are at risk", (t) => {
  const page = new EventTarget();
  const globals = {
    document: {},
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  };
  for (const [name, value] of Object.entries(globals)) {
    globalThis[name] = value;
    t.after(() => delete globalThis[name]);
  }
  const asks = () => !page.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const status = { phase: "waiting", store: READY };
  const unsynced = open({ store: true, warnBeforeUnload: "unsynced" });
  const unstored = open({ store: true, warnBeforeUnload: "unstored" });
  const both = (change) => {
    for (const { fake } of [unsynced, unstored]) fake.setStatus({ ...status, ...change });
  };
  assert.equal(asks(), false);
  unsynced.fake.setStatus({ ...status, unsynced: 1, unstored: 0 });
  assert.equal(asks(), true);
  both({ unsynced: 0, unstored: 1 });
  assert.equal(asks(), false, "the server has it");
  unstored.fake.setStatus({ ...status, unsynced: 1, unstored: 0 });
  assert.equal(asks(), false, "the device has it");
  unstored.fake.setStatus({ ...status, unsynced: 1, unstored: 1 });
  assert.equal(asks(), true);
  unstored.fake.setStatus({ phase: "waiting", unsynced: 1 });
  assert.equal(asks(), true, "nothing is kept here");
  return unstored.doc.close().then(() => assert.equal(asks(), false));
});

test("what is stored is listed and forgotten by scope and name", async () => {
  const kept = [{ scope: "ada", name: "ws://127.0.0.1/room", bytes: 52 }];
  const asked = [];
  const raw = { listStored: async (...of) => (asked.push(of), kept), forgetStored: async (...of) => void asked.push(of) };
  assert.deepEqual(await stored.list(async () => raw, { scope: "ada" }), kept);
  await stored.forget(async () => raw, { scope: "ada", name: "n" });
  await stored.forget(async () => raw, { scope: "ada" });
  assert.deepEqual(asked, [["ada"], ["ada", "n"], ["ada", undefined]]);
});
