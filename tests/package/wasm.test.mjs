// The package with its wasm, without a network: what crosses the border between TypeScript and Rust.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { importBuilt, PACKAGE, run } from "./helpers/built.mjs";
import { closeLater, endOfTask, openOffline } from "./helpers/offline.mjs";

const { open } = await importBuilt("index.node.js");

test("a document can be edited and read before there is any connection", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  text.insert(0, "Hello 😀");
  text.format(0, 5, { bold: true });
  assert.equal(text.length, 8);
  assert.equal(String(text), "Hello 😀");
  assert.deepEqual(text.toDelta(), [{ insert: "Hello", attributes: { bold: true } }, { insert: " 😀" }]);

  const map = doc.map("meta");
  map.set("title", "Plan");
  map.set("nested", { list: [1, null, true, "x"] });
  assert.deepEqual(map.toJSON(), { title: "Plan", nested: { list: [1, null, true, "x"] } });
  assert.deepEqual(Object.fromEntries(map.entries()), map.toJSON());
  assert.deepEqual([map.size, map.has("title"), map.get("none"), map.delete("none")], [2, true, undefined, false]);
  assert.deepEqual(map.keys().sort(), ["nested", "title"]);

  const list = doc.list("todos");
  list.push("a", { done: false });
  list.insert(0, new Uint8Array([1, 2]));
  list.delete(1);
  assert.deepEqual(list.toJSON(), [new Uint8Array([1, 2]), { done: false }]);
  assert.deepEqual(list.get(1), { done: false });
  assert.equal(list.length, 2);
});

test("an event without a connection is not sent, and one that others could not read is refused", async () => {
  const doc = await openOffline();
  assert.equal(doc.broadcast("ping"), false);
  assert.deepEqual([doc.presence.states.size, doc.presence.own], [0, null]);
  const nested = (depth) => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  assert.equal(doc.broadcast("deep", nested(60)), false);
  const unfit = { code: "bad-value", message: "an event with its payload may be 16 KiB of JSON, nested 60 deep" };
  assert.throws(() => doc.broadcast("deep", nested(61)), unfit);
  assert.throws(() => doc.broadcast("large", "x".repeat(16 << 10)), unfit);
  doc.presence.set({ deep: nested(60) });
  assert.throws(() => doc.presence.set({ deep: nested(61) }), { code: "bad-value" });
  assert.deepEqual(doc.presence.own, { deep: nested(60) });
});

test("the edits of one task are one change", async () => {
  const doc = await openOffline();
  const text = doc.text("t");
  const seen = [];
  text.observe((change) => seen.push(change));
  text.insert(0, "ac");
  text.insert(1, "b");
  assert.deepEqual(seen, []);
  await endOfTask();
  assert.deepEqual(seen, [{ origin: "local", delta: [{ insert: "abc" }] }]);
});

test("a transaction is one change, delivered when it ends", async () => {
  const doc = await openOffline();
  const [map, list] = [doc.map("m"), doc.list("l")];
  const seen = [];
  map.observe(({ keys }) => seen.push(keys));
  list.observe(({ delta }) => seen.push(delta));
  doc.transact(() => {
    map.set("a", 1);
    list.push(1);
    list.push(2);
  });
  assert.deepEqual(seen, [{ a: { action: "add", newValue: 1 } }, [{ insert: [1, 2] }]]);
});

test("documents exchange their content as updates", async () => {
  const [one, two] = [await openOffline(), await openOffline()];
  const seen = [];
  two.text("t").observe(({ origin, delta }) => seen.push({ origin, delta }));
  one.text("t").insert(0, "from one");
  two.applyUpdate(one.encodeUpdate(two.stateVector()));
  await endOfTask();
  assert.equal(String(two.text("t")), "from one");
  assert.deepEqual(seen, [{ origin: "remote", delta: [{ insert: "from one" }] }]);
});

test("what Rust refuses is a SynclineError with its code, and changes nothing", async () => {
  const doc = await openOffline();
  const text = doc.text("t");
  text.insert(0, "😀");
  const refusals = [
    [() => text.insert(3, "x"), "out-of-range"],
    [() => text.insert(-1, "x"), "out-of-range"],
    [() => text.insert(0.5, "x"), "out-of-range"],
    [() => text.insert(NaN, "x"), "out-of-range"],
    [() => text.insert(1, "x"), "split-surrogate"],
    [() => text.delete(0, 1), "split-surrogate"],
    [() => text.delete(0, 3), "out-of-range"],
    [() => doc.map("t"), "wrong-kind"],
    [() => doc.map("m").set("f", () => {}), "bad-value"],
    [() => doc.applyUpdate(new Uint8Array([1, 2, 3])), "bad-update"],
    [() => doc.encodeUpdate(new Uint8Array([255])), "bad-update"],
  ];
  for (const [call, code] of refusals) assert.throws(call, { name: "SynclineError", code }, String(call));
  assert.equal(String(text), "😀");
});

test("bad ways to open are refused with their code", async () => {
  await assert.rejects(openOffline({ conectTimeout: 5 }), { code: "bad-option", message: /connectTimeout/ });
  await assert.rejects(openOffline({ backoffCap: -1 }), { code: "bad-option" });
  await assert.rejects(openOffline({ protocol: "smoke-signals" }), { code: "bad-option" });
  for (const options of [{ frames: "text" }, { frames: "text", protocol: "api-gateway" }, { frames: "x", protocol: "relay" }]) {
    await assert.rejects(openOffline(options), { code: "bad-option", message: /frames/ });
  }
  await openOffline({ frames: "text", protocol: "relay" });
  await assert.rejects(open("ws://a", "room", null), { code: "bad-argument" });
  for (const [url, room] of [[undefined, "room"], [5, "room"], ["ws://a", undefined]]) {
    await assert.rejects(open(url, room, { connect: false }), { code: "bad-argument" });
  }
  await assert.rejects(open("not a url", "room", { connect: false }), { code: "bad-url" });
});

test("a page served over https opens no server that browsers would not connect to", async (t) => {
  globalThis.location = { protocol: "https:" };
  t.after(() => delete globalThis.location);
  const offline = { connect: false };
  await assert.rejects(open("ws://server.example", "room", offline), { code: "bad-url", message: /wss:/ });
  const ownClass = { ...offline, WebSocket: class {} };
  const accepted = [["wss://server.example", offline], ["ws://localhost:1", offline], ["ws://server.example", ownClass]];
  for (const [url, options] of accepted) closeLater(await open(url, "room", options));
});

test("arguments of the wrong type are refused, not converted", async () => {
  const doc = await openOffline();
  doc.text("5");
  const calls = [
    () => doc.text(5), () => doc.text(), () => doc.map(null), () => doc.map("m").set(5, 5), () => doc.map("m").get({}),
    () => doc.text("t").insert(0, 5), () => doc.text("t").format(0, 0), () => doc.text("t").applyDelta("x"),
    () => doc.text("t").applyDelta([{ insert: "x", retain: 1 }]),
  ];
  for (const call of calls) assert.throws(call, { name: "SynclineError", code: "bad-argument" }, String(call));
});

const onlyWithout = { skip: globalThis.WebSocket ? "this Node has a WebSocket" : false };
test("without any WebSocket connecting is refused with what to do, and editing is not", onlyWithout, async () => {
  const refused = { code: "no-websocket", message: /npm i ws.*WebSocket/ };
  await assert.rejects(open("ws://127.0.0.1:1", "room"), refused);
  const doc = await openOffline();
  doc.text("t").insert(0, "x");
  assert.throws(() => doc.connect(), refused);
  assert.throws(() => doc.reconnect(), refused);
});

test("an event caused by an observer waits until everyone has seen the one before", async () => {
  const doc = await openOffline();
  const text = doc.text("t");
  const seen = [];
  text.observe(() => {
    seen.push(["first", text.length]);
    if (text.length === 1) doc.transact(() => text.insert(1, "b"));
  });
  text.observe(({ delta }) => seen.push(["second", delta]));
  doc.transact(() => text.insert(0, "a"));
  assert.deepEqual(seen, [
    ["first", 1],
    ["second", [{ insert: "a" }]],
    ["first", 2],
    ["second", [{ retain: 1 }, { insert: "b" }]],
  ]);
});

test("presence can be set and read at once", async () => {
  const doc = await openOffline();
  doc.presence.set({ name: "Ada" });
  assert.deepEqual([...doc.presence.states], [[doc.clientId, { name: "Ada" }]]);
});

test("a document that was told not to connect is disconnected and counts its edits", async () => {
  const doc = await openOffline();
  doc.text("t").insert(0, "x");
  await endOfTask();
  const { phase, unsynced } = doc.status;
  assert.equal(phase, "disconnected");
  assert.ok(unsynced > 0);
});

test("the slim and the inline entry share the instance of the main one", async () => {
  const [slim, inline] = [await importBuilt("index.slim.js"), await importBuilt("index.inline.js")];
  const docs = await Promise.all([slim, inline].map((entry) => entry.open("ws://a", "b", { connect: false })));
  docs.forEach(closeLater);
  const main = await openOffline();
  for (const doc of docs) assert.equal(doc.constructor, main.constructor);
});

const loads = {
  node: `import { open } from "./index.node.js";`,
  inline: `import { open } from "./index.inline.js";`,
  // As whoever knows no constants of bundlers takes it.
  bundled: `import { open } from "./index.bundled.js";`,
  slim: `
    import { readFile } from "node:fs/promises";
    import { init, open } from "./index.slim.js";
    await Promise.all([init(readFile("syncline_bg.wasm")), init(readFile("syncline_bg.wasm"))]);`,
};
for (const [entry, load] of Object.entries(loads)) {
  test(`the ${entry} entry loads the wasm by itself, and lets the process end`, async () => {
    const script = `${load}
      const doc = await open("ws://127.0.0.1:1", "room", { connect: false });
      console.log(doc.status.phase);
      await doc.close();
      console.log(doc.status.phase);`;
    const args = ["--input-type=module", "--eval", script];
    const { stdout } = await run(process.execPath, args, { cwd: path.join(PACKAGE, "dist"), timeout: 20_000 });
    assert.equal(stdout, "disconnected\nclosed\n");
  });
}
