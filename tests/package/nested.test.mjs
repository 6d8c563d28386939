// Texts, maps and lists within maps and lists, through the real wasm and together with the real `yjs`.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { contentOf, editWithSyncline, editWithYjs, undoOf } from "../e2e/lib/nested-edits.mjs";
import { random } from "../e2e/lib/random.mjs";
import { endOfTask, openOffline } from "./helpers/offline.mjs";

/** Has both hold what each of them holds. */
function exchange(doc, yjs) {
  Y.applyUpdate(yjs, doc.encodeUpdate(Y.encodeStateVector(yjs)));
  doc.applyUpdate(Y.encodeStateAsUpdate(yjs, doc.stateVector()));
}

test("a list of todos holds texts that can be edited", async () => {
  const doc = await openOffline();
  const todos = doc.list("todos");
  const todo = todos.insertMap(0, { done: false });
  const title = todo.setText("title", "Water the plants");
  title.insert(16, "!", { bold: true });
  const tags = todo.setList("tags", ["home"]);
  tags.push("daily");
  todo.setMap("by", { name: "Ada" }).set("age", 36);
  assert.deepEqual(todos.toJSON(), [
    { done: false, title: "Water the plants!", tags: ["home", "daily"], by: { name: "Ada", age: 36 } },
  ]);
  assert.deepEqual(title.toDelta(), [{ insert: "Water the plants" }, { insert: "!", attributes: { bold: true } }]);

  assert.equal(todos.map(0), todo, "the same object at every call");
  assert.equal(todo.text("title"), title);
  assert.deepEqual([todo.map("title"), todo.list("title"), todo.text("done"), todo.text("none")], Array(4).fill(undefined));
  assert.deepEqual([todos.text(0), todos.map(1)], [undefined, undefined]);
  assert.equal(todos.insertText(0).length, 0);
  assert.deepEqual(todos.insertList(1).toJSON(), []);
  assert.equal(todos.map(2), todo, "positions move, types do not");
});

test("what cannot be a new type is refused, and nothing is made", async () => {
  const doc = await openOffline();
  const [map, list] = [doc.map("m"), doc.list("l")];
  const refusals = [
    [() => map.setText("a", 5), "bad-argument"],
    [() => map.setText("a", [{ retain: 1 }]), "out-of-range"],
    [() => map.setText("a", "\ud800"), "bad-value"],
    [() => map.setText(5), "bad-argument"],
    [() => map.setMap("a", []), "bad-argument"],
    [() => map.setMap("a", { f: () => {} }), "bad-value"],
    [() => map.setMap("a", null), "bad-argument"],
    [() => map.setList("a", "text"), "bad-argument"],
    [() => list.insertText(1), "out-of-range"],
    [() => list.insertMap(-1), "out-of-range"],
    [() => list.text(0.5), "out-of-range"],
  ];
  for (const [call, code] of refusals) assert.throws(call, { name: "SynclineError", code }, String(call));
  assert.deepEqual([map.toJSON(), list.toJSON()], [{}, []]);
});

test("a handle of a type that was deleted throws 'deleted', and observing it ends in peace", async () => {
  const doc = await openOffline();
  const list = doc.list("l");
  const map = list.insertMap(0);
  const text = map.setText("t", "x");
  const seen = [];
  const stop = text.observe((change) => seen.push(change));
  text.insert(0, "a");
  list.delete(0);
  const uses = [
    () => text.insert(0, "b"),
    () => String(text),
    () => text.length,
    () => map.observe(() => {}),
    () => map.set("k", 1),
    () => map.toJSON(),
    () => map.text("t"),
    () => map.setText("t"),
  ];
  for (const use of uses) assert.throws(use, { name: "SynclineError", code: "deleted" }, String(use));
  stop();
  stop();
  assert.deepEqual(list.toJSON(), []);
  assert.notEqual(list.insertMap(0), map);
});

test("a transaction that makes nested types is one event a type", async () => {
  const doc = await openOffline();
  const [map, list] = [doc.map("m"), doc.list("l")];
  const [maps, lists, updates] = [[], [], []];
  map.observe((change) => maps.push(change));
  list.observe((change) => lists.push(change));
  let inner;
  doc.transact(() => {
    map.set("n", 1);
    const text = map.setText("text", "a");
    list.insertMap(0, { x: 1 });
    inner = list.insertMap(1, { y: 1 });
    inner.observe((change) => updates.push(change));
    text.insert(1, "b");
    inner.set("y", 2);
    map.setList("later", [1]);
  });
  const origin = "local";
  assert.deepEqual(maps, [
    {
      origin,
      keys: {
        n: { action: "add", newValue: 1 },
        text: { action: "add", newValue: "a" },
        later: { action: "add", newValue: [1] },
      },
    },
    { origin, keys: {}, nested: { path: ["text"], delta: [{ retain: 1 }, { insert: "b" }] } },
  ]);
  const keys = { y: { action: "update", oldValue: 1, newValue: 2 } };
  assert.deepEqual(lists, [
    { origin, delta: [{ insert: [{ x: 1 }, { y: 1 }] }] },
    { origin, delta: [], nested: { path: [1], keys } },
  ]);
  assert.deepEqual(updates, [{ origin, keys }]);
});

test("types that yjs made are edited here, and types made here by yjs", async () => {
  const [doc, yjs] = [await openOffline(), new Y.Doc()];
  yjs.getMap("m").set("theirs", new Y.Text("hello"));
  yjs.getArray("l").insert(0, [new Y.Map([["tags", new Y.Array()]]), new Y.XmlElement("p")]);
  const [map, list] = [doc.map("m"), doc.list("l")];
  exchange(doc, yjs);
  map.text("theirs").insert(5, " world", { bold: true });
  list.map(0).list("tags").push("a", { deep: [1] });
  list.map(0).set("done", true);
  assert.deepEqual([list.text(1), list.map(1), list.list(1)], [undefined, undefined, undefined], "xml is not opened");
  const ours = map.setText("ours", [{ insert: "rich", attributes: { em: true } }]);
  const seen = [];
  ours.observe(({ origin, delta }) => seen.push({ origin, delta }));
  exchange(doc, yjs);
  const theirs = [{ insert: "hello" }, { insert: " world", attributes: { bold: true } }];
  assert.deepEqual(yjs.getMap("m").get("theirs").toDelta(), theirs);
  assert.deepEqual(yjs.getArray("l").get(0).toJSON(), { tags: ["a", { deep: [1] }], done: true });
  assert.ok(yjs.getMap("m").get("ours") instanceof Y.Text);
  yjs.getMap("m").get("ours").insert(4, "er");
  exchange(doc, yjs);
  await endOfTask();
  assert.deepEqual(ours.toDelta(), [{ insert: "richer", attributes: { em: true } }]);
  assert.deepEqual(seen, [{ origin: "remote", delta: [{ retain: 4 }, { insert: "er", attributes: { em: true } }] }]);
});

test("what yjs deletes and brings back is another type", async () => {
  const [doc, yjs] = [await openOffline(), new Y.Doc()];
  const shared = yjs.getMap("m");
  const undo = new Y.UndoManager(shared, { captureTimeout: 0 });
  yjs.transact(() => shared.set("t", new Y.Text("theirs")));
  exchange(doc, yjs);
  const text = doc.map("m").text("t");
  text.insert(0, "ours and ");
  shared.delete("t");
  exchange(doc, yjs);
  assert.equal(doc.map("m").text("t"), undefined);
  undo.undo();
  exchange(doc, yjs);
  assert.throws(() => String(text), { code: "deleted" });
  assert.notEqual(doc.map("m").text("t"), text);
  assert.equal(String(doc.map("m").text("t")), shared.get("t").toString());
});

test("handles of deleted types are not kept", async () => {
  const doc = await openOffline();
  const list = doc.list("l");
  let collected = 0;
  const registry = new FinalizationRegistry(() => (collected += 1));
  for (let n = 0; n < 2000; n++) {
    const map = list.insertMap(0);
    registry.register(map.setText("t", "x"), n);
    list.delete(0);
  }
  list.insertMap(0);
  // With nobody to hold them they go whenever memory is wanted; without a flag that can only be waited for.
  for (let n = 0; n < 200 && collected < 1000; n++) {
    new Uint8Array(1 << 24).fill(n);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(collected >= 1000, `${collected} of 2000 were collected`);
});

test("random edits of nested types by both kinds of clients lead to the same content", async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const dice = random(seed);
    const peers = [await openOffline(), await openOffline()];
    const yjs = new Y.Doc();
    yjs.clientID = seed;
    for (let n = 0; n < 120; n++) {
      if (dice.chance(0.3)) editWithYjs(yjs, dice);
      else editWithSyncline(dice.pick(peers), dice);
      if (dice.chance(0.2)) exchange(dice.pick(peers), yjs);
    }
    for (const doc of [...peers, ...peers]) exchange(doc, yjs);
    for (const doc of peers) {
      assert.deepEqual(contentOf(doc), contentOf(yjs), `seed ${seed}`);
      await doc.close();
    }
  }
});

test("a client of Yjs sees what undo brings back in nested types, after every turn", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const [doc, yjs, dice] = [await openOffline(), new Y.Doc(), random(seed)];
    const undo = undoOf(doc);
    const compare = (turn) => {
      Y.applyUpdate(yjs, doc.encodeUpdate(Y.encodeStateVector(yjs)));
      assert.deepEqual(contentOf(yjs), contentOf(doc), `seed ${seed}, ${turn}`);
    };
    for (let edits = 0; edits < 14; edits++) {
      editWithSyncline(doc, dice);
      if (dice.chance(0.5)) undo.stopCapturing();
    }
    for (let round = 0; round < 3; round++) {
      while (undo.undo()) compare("undone");
      while (undo.redo()) compare("redone");
    }
  }
});
