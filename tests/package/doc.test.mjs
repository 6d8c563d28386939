// The handles of a document, over a fake in place of the wasm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { change, fakeRaw } from "./helpers/fake-raw.mjs";
import { reportedBy } from "./helpers/reported.mjs";

const { Doc } = await importBuilt("doc.js");

/** A document of ours in front of a fake. */
function open(answers) {
  const fake = fakeRaw(answers);
  const doc = new Doc(fake.raw, "ws://127.0.0.1", "room");
  fake.forget();
  return { doc, fake };
}

test("the same name gives the same object", () => {
  const { doc, fake } = open();
  assert.equal(doc.text("a"), doc.text("a"));
  assert.notEqual(doc.text("a"), doc.text("b"));
  assert.deepEqual(fake.calls, [
    ["typeOpen", 7, "text", "a"],
    ["typeOpen", 7, "text", "b"],
  ]);
});

test("what is not bytes is refused before the wasm could take it for none", () => {
  const { doc, fake } = open();
  for (const bytes of ["bytes", [0], null, new ArrayBuffer(1), new DataView(new ArrayBuffer(1))]) {
    assert.throws(() => doc.applyUpdate(bytes), { code: "bad-argument" });
    assert.throws(() => doc.encodeUpdate(bytes), { code: "bad-argument" });
  }
  assert.deepEqual(fake.names(), []);
  doc.applyUpdate(Buffer.from([1]));
  assert.deepEqual(fake.calls, [["docApplyUpdate", 7, Buffer.from([1])]]);
});

test("the wasm computes changes only while somebody observes", () => {
  const { doc, fake } = open();
  const text = doc.text("a");
  fake.forget();

  const stopFirst = text.observe(() => {});
  const stopSecond = text.observe(() => {});
  stopFirst();
  stopFirst();
  assert.deepEqual(fake.calls, [["typeObserve", 7, 1]]);
  stopSecond();
  stopSecond();
  assert.deepEqual(fake.calls.slice(1), [["typeUnobserve", 7, 1]]);
  text.observe(() => {});
  assert.deepEqual(fake.calls.slice(2), [["typeObserve", 7, 1]]);
});

test("the wasm encodes updates only while somebody listens, and nothing is asked of a closed document", async () => {
  const { doc, fake } = open();
  const seen = [];
  const stopFirst = doc.on("update", (event) => seen.push(event));
  const stopSecond = doc.on("update", () => {});
  const update = new Uint8Array([0, 0]);
  fake.send({ type: "update", update, origin: "remote" });
  assert.deepEqual(seen, [{ update, origin: "remote" }]);
  stopFirst();
  assert.deepEqual(fake.names().filter((name) => name === "docUnwatchUpdates"), []);
  stopSecond();
  assert.deepEqual(fake.names().at(-1), "docUnwatchUpdates");

  const stopLast = doc.on("update", () => {});
  await doc.close();
  fake.forget();
  stopLast();
  assert.deepEqual(fake.names(), []);
});

test("a change reaches the observers of its type and no others", () => {
  const { doc, fake } = open();
  const seen = [];
  doc.text("a").observe((event) => seen.push(["text", event]));
  doc.map("b").observe((event) => seen.push(["map", event]));
  doc.list("c").observe((event) => seen.push(["list", event]));

  fake.send(change(1, { delta: [{ insert: "x" }] }));
  fake.send(change(2, { origin: "remote", keys: { k: { action: "add", newValue: 1 } } }));
  fake.send(change(3, { delta: [{ insert: [1] }] }));

  assert.deepEqual(seen, [
    ["text", { origin: "local", delta: [{ insert: "x" }] }],
    ["map", { origin: "remote", keys: { k: { action: "add", newValue: 1 } } }],
    ["list", { origin: "local", delta: [{ insert: [1] }] }],
  ]);
});

test("a change of a nested type leaves the own delta empty and says where it was", () => {
  const { doc, fake } = open();
  const seen = [];
  doc.map("m").observe((event) => seen.push(event));
  fake.send(change(1, { path: ["k", 2], delta: [{ insert: "x" }] }));
  assert.deepEqual(seen, [{ origin: "local", keys: {}, nested: { path: ["k", 2], delta: [{ insert: "x" }] } }]);
});

test("a transaction commits before and after", () => {
  const { doc, fake } = open();
  const text = doc.text("a");
  fake.forget();
  const result = doc.transact(() => {
    text.insert(0, "x");
    return 5;
  });
  assert.equal(result, 5);
  assert.deepEqual(fake.names(), ["docCommit", "textInsert", "docCommit"]);
});

test("a transaction within another joins it", () => {
  const { doc, fake } = open();
  doc.transact(() => doc.transact(() => doc.transact(() => {})));
  assert.deepEqual(fake.names(), ["docCommit", "docCommit"]);
});

test("a transaction that throws is committed, and the next one is its own", () => {
  const { doc, fake } = open();
  const fail = () => {
    throw new Error("mine");
  };
  assert.throws(() => doc.transact(fail), { message: "mine" });
  assert.throws(() => doc.transact(() => doc.transact(fail)), { message: "mine" });
  assert.deepEqual(fake.names(), ["docCommit", "docCommit", "docCommit", "docCommit"]);
});

test("an asynchronous transaction is refused", () => {
  const { doc, fake } = open();
  let ran = false;
  const refused = { code: "bad-argument" };
  assert.throws(() => doc.transact(async () => (ran = true)), refused);
  assert.equal(ran, false);
  assert.deepEqual(fake.names(), []);
  assert.throws(() => doc.transact(() => Promise.resolve()), refused);
  assert.throws(() => doc.transact(() => doc.transact(() => ({ then() {} }))), refused);
  doc.transact(() => null);
});

test("a document closed within a transaction is not committed afterwards", () => {
  const { doc, fake } = open();
  doc.transact(() => void doc.close());
  assert.deepEqual(fake.names(), ["docCommit", "docCommit", "docStatus", "docClose"]);
});

test("an event that does not exist is refused with those that do", () => {
  const { doc } = open();
  const refused = { code: "bad-argument", message: "there is no event 'sync', only status, update, presence, refused, message, problem, close, broadcast:<event>" };
  assert.throws(() => doc.on("sync", () => {}), refused);
  assert.throws(() => doc.on("constructor", () => {}), { code: "bad-argument" });
});

test("what the server refused is told by the names of the types that are open", () => {
  const { doc, fake } = open();
  doc.text("body");
  doc.map("meta");
  const seen = [];
  doc.on("refused", (refused) => seen.push(refused));
  const delta = [{ insert: "mine" }];
  const keys = { title: { action: "add", newValue: 1 } };
  fake.send({ type: "refused", changes: [change(1, { delta }), change(2, { keys }), change(3, { delta })] });
  assert.deepEqual(seen, [
    { changes: [{ type: "text", name: "body", delta }, { type: "map", name: "meta", keys }] },
  ]);
});

test("every event reaches its observers without the name it has in the wasm", () => {
  const { doc, fake } = open();
  const seen = [];
  for (const name of ["status", "presence", "problem"]) doc.on(name, (event) => seen.push([name, event]));
  const status = { phase: "waiting", unsynced: 1, attempt: 2, retryIn: 300 };
  fake.send({ type: "status", status });
  fake.send({ type: "presence", added: [1], updated: [], removed: [2] });
  fake.send({ type: "problem", code: "bad-update", message: "cut short" });
  assert.deepEqual(seen, [
    ["status", status],
    ["presence", { added: [1], updated: [], removed: [2] }],
    ["problem", { code: "bad-update", message: "cut short" }],
  ]);
});

test("a problem from before the document was opened is told to the first who listens, once", async () => {
  const { doc, fake } = open({ docStatus: () => ({ phase: "disconnected", unsynced: 0, store: { phase: "loading" } }) });
  const broken = { code: "store-corrupt", message: "1 of the records cannot be read" };
  fake.send({ type: "problem", ...broken });
  fake.send({ type: "opened" });
  await doc.opened;
  const seen = [];
  doc.on("problem", (problem) => seen.push(problem));
  assert.deepEqual(seen, []);
  await Promise.resolve();
  assert.deepEqual(seen, [broken]);
  doc.on("problem", (problem) => seen.push(problem));
  await Promise.resolve();
  assert.equal(seen.length, 1);
});

test("saved resolves at once when the server holds everything, and commits first", async () => {
  const { doc, fake } = open();
  await doc.saved();
  assert.equal(fake.names()[0], "docCommit");
});

test("saved waits through a lost connection until nothing is unsynced", async () => {
  const { doc, fake } = open();
  fake.setStatus({ phase: "synced", unsynced: 2 });
  let done = false;
  const saved = doc.saved().then(() => (done = true));
  fake.setStatus({ phase: "waiting", unsynced: 2 });
  fake.setStatus({ phase: "disconnected", unsynced: 2 });
  fake.setStatus({ phase: "synced", unsynced: 1 });
  await Promise.resolve();
  assert.equal(done, false);
  fake.setStatus({ phase: "synced", unsynced: 0 });
  await saved;
});

test("saved rejects when the connection stopped for good or the document was closed", async () => {
  const { doc, fake } = open();
  fake.setStatus({ phase: "synced", unsynced: 1 });
  const first = assert.rejects(doc.saved(), { code: "stopped", message: "1 edit is not saved: no entry" });
  fake.setStatus({ phase: "stopped", unsynced: 1, reason: { code: "denied", message: "no entry" } });
  await first;

  fake.setStatus({ phase: "synced", unsynced: 1 });
  const second = assert.rejects(doc.saved(), { code: "closed" });
  await doc.close();
  await second;
  await assert.rejects(doc.saved(), { code: "closed" });
});

test("close releases everything once, tells it, and every method throws afterwards", async () => {
  const { doc, fake } = open();
  const handles = [doc.text("t"), doc.map("m"), doc.list("l")];
  const stop = handles[0].observe(() => assert.fail("observed after close"));
  const seen = [];
  doc.on("status", ({ phase }) => seen.push(["status", phase]));
  doc.on("close", ({ phase, unsynced }) => seen.push(["close", phase, unsynced]));
  fake.setStatus({ phase: "waiting", unsynced: 3 });
  fake.forget();

  await Promise.all([doc.close(), doc.close()]);
  await doc[Symbol.asyncDispose]();
  fake.send(change(1));
  stop();

  assert.deepEqual(fake.names(), ["docCommit", "docStatus", "docClose"]);
  assert.deepEqual(seen, [
    ["status", "waiting"],
    ["status", "closed"],
    ["close", "closed", 3],
  ]);
  assert.deepEqual(doc.status, { phase: "closed", unsynced: 3, unsent: 0, heldBy: "server", refused: 0, attempt: 0 });
  assert.equal(doc.clientId, 42);
  const [text, map, list] = handles;
  const calls = [
    () => doc.text("t"), () => doc.map("m"), () => doc.list("l"), () => doc.transact(() => {}),
    () => doc.on("status", () => {}), () => doc.connect(), () => doc.disconnect(), () => doc.reconnect(),
    () => doc.encodeUpdate(), () => doc.applyUpdate(new Uint8Array()), () => doc.stateVector(),
    () => doc.presence.set({}), () => doc.presence.update({}), () => doc.presence.states, () => doc.presence.own,
    () => text.length, () => text.insert(0, "x"), () => text.delete(0, 1), () => text.format(0, 1, {}),
    () => text.applyDelta([]), () => text.toDelta(), () => text.toString(), () => text.observe(() => {}),
    () => map.size, () => map.set("k", 1), () => map.get("k"), () => map.has("k"), () => map.delete("k"),
    () => map.keys(), () => map.entries(), () => map.toJSON(), () => map.observe(() => {}),
    () => list.length, () => list.insert(0, 1), () => list.push(1), () => list.delete(0), () => list.get(0),
    () => list.toJSON(), () => list.observe(() => {}),
  ];
  for (const call of calls) assert.throws(call, { name: "SynclineError", code: "closed" }, String(call));
});

test("an observer may close the document while it is being closed", async () => {
  const { doc, fake } = open({ docCommit: () => fake.send(change(1)) });
  doc.text("t").observe(() => void doc.close());
  await doc.close();
  assert.equal(fake.names().filter((name) => name === "docClose").length, 1);
});

test("an observer that throws at close does not keep the document open", async () => {
  const { doc, fake } = open();
  doc.on("close", () => {
    throw new Error("mine");
  });
  const errors = reportedBy(() => void doc.close());
  assert.deepEqual(errors.map(({ message }) => message), ["mine"]);
  assert.equal(fake.names().at(-1), "docClose");
});

test("the methods of a list pass on what they are given", () => {
  const { doc, fake } = open({ listLength: () => 4 });
  const list = doc.list("l");
  fake.forget();
  list.insert(1, "a", { b: 1 });
  list.push(null);
  list.delete(2);
  assert.deepEqual(fake.calls, [
    ["listInsert", 7, 1, 1, ["a", { b: 1 }]],
    ["listLength", 7, 1],
    ["listInsert", 7, 1, 4, [null]],
    ["listDelete", 7, 1, 2, 1],
  ]);
});
