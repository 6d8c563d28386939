// Undo through the real wasm: by itself, and beside Y.UndoManager, which has to do the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { random as createRandom } from "../e2e/lib/random.mjs";
import { endOfTask, openOffline } from "./helpers/offline.mjs";

/** A document with a text and its undo manager, and what that has told. */
async function stage(options = {}) {
  const doc = await openOffline();
  const text = doc.text("body");
  const undo = doc.undo({ scope: [text], ...options });
  const told = [];
  undo.observe((event) => told.push(event));
  return { doc, text, undo, told };
}

/** Writes at the end, as one transaction. */
const write = ({ doc, text }, string) => doc.transact(() => text.insert(text.length, string));

test("what was written here is undone and redone, what others wrote stays", async () => {
  const { doc, text, undo } = await stage();
  text.insert(0, "mine");
  const peer = new Y.Doc();
  Y.applyUpdate(peer, doc.encodeUpdate());
  peer.getText("body").insert(2, " theirs ");
  doc.applyUpdate(Y.encodeStateAsUpdate(peer));
  assert.deepEqual([undo.canUndo, undo.canRedo], [true, false]);
  assert.equal(undo.undo(), true);
  assert.equal(String(text), " theirs ");
  assert.deepEqual([undo.canUndo, undo.canRedo, undo.undo()], [false, true, false]);
  assert.equal(undo.redo(), true);
  assert.equal(String(text), "mi theirs ne");
  Y.applyUpdate(peer, doc.encodeUpdate());
  assert.equal(String(peer.getText("body")), String(text), "and others see it");
});

test("a transaction is a step where there is no timeout, whatever it reads", async () => {
  const step = await stage({ captureTimeout: 0 });
  write(step, "a");
  step.doc.transact(() => {
    step.text.insert(1, "b");
    assert.equal(step.doc.status.unsynced, 2);
    step.text.insert(String(step.text).length, "c");
  });
  step.undo.undo();
  assert.equal(String(step.text), "a");
});

test("edits within the timeout are one step, unless the application ends it", async () => {
  const step = await stage({ captureTimeout: 60_000 });
  write(step, "a");
  write(step, "b");
  step.undo.stopCapturing();
  write(step, "c");
  step.undo.undo();
  assert.equal(String(step.text), "ab");
  step.undo.undo();
  assert.equal(String(step.text), "");
});

test("the selection of a step comes back with it", async () => {
  const { doc, text, undo, told } = await stage({ captureTimeout: 0 });
  let selection = 0;
  undo.observe(({ type, step }) => {
    if (type === "added") step.selection = text.cursor(Math.min(selection, text.length));
    if (type === "popped") selection = text.resolve(step.selection);
  });
  doc.transact(() => text.insert(0, "hello world"));
  selection = 6;
  doc.transact(() => text.delete(6, 5));
  doc.transact(() => text.insert(0, "say: "));
  selection = 0;
  undo.undo();
  await endOfTask();
  selection = 0;
  undo.undo();
  await endOfTask();
  assert.deepEqual([String(text), selection], ["hello world", 11], "what it stuck to was the end");
  undo.redo();
  await endOfTask();
  assert.equal(String(text), "hello ");
  const names = told.map(({ type, stack }) => `${type} ${stack}`);
  assert.deepEqual(names.slice(-2), ["added undo", "popped redo"]);
});

test("a step is one object as long as it is on its stack", async () => {
  const step = await stage({ captureTimeout: 60_000 });
  write(step, "a");
  write(step, "b");
  step.undo.undo();
  await endOfTask();
  const [added, extended, redo, popped] = step.told;
  assert.deepEqual(step.told.map(({ type }) => type), ["added", "extended", "added", "popped"]);
  assert.equal(added.step, extended.step);
  assert.equal(added.step, popped.step);
  assert.notEqual(added.step, redo.step);
  write(step, "c");
  assert.deepEqual(step.told.slice(4).map(({ type, stack, step: of }) => [type, stack, of === undefined]), [
    ["cleared", "redo", true],
    ["added", "undo", false],
  ]);
  step.undo.clear();
  await endOfTask();
  assert.deepEqual(step.told.at(-1), { type: "cleared", stack: "undo" });
  assert.equal(step.undo.canUndo, false);
});

test("the steps are told behind the change that they come from", async () => {
  const { doc, text, undo } = await stage();
  const order = [];
  text.observe(({ origin, delta }) => order.push([origin, delta]));
  undo.observe(({ type, stack }) => order.push([type, stack]));
  doc.transact(() => text.insert(0, "a"));
  undo.undo();
  await endOfTask();
  assert.deepEqual(order, [
    ["local", [{ insert: "a" }]],
    ["added", "undo"],
    ["local", [{ delete: 1 }]],
    ["added", "redo"],
    ["popped", "undo"],
  ]);
});

test("something can be undone by an observer, and within a transaction", async () => {
  const { doc, text, undo } = await stage({ captureTimeout: 0 });
  const seen = [];
  const stop = text.observe(({ delta }) => {
    seen.push(delta);
    if (String(text) === "bad") undo.undo();
  });
  doc.transact(() => text.insert(0, "bad"));
  await endOfTask();
  assert.deepEqual(seen, [[{ insert: "bad" }], [{ delete: 3 }]]);
  stop();
  const changes = [];
  text.observe(({ delta }) => changes.push(delta));
  doc.transact(() => {
    text.insert(0, "x");
    undo.undo();
    text.insert(0, "y");
  });
  assert.deepEqual(changes, [[{ insert: "y" }]]);
});

test("what is undone is an edit: it counts as unsynced, and is told as an update", async () => {
  const { doc, text, undo } = await stage();
  text.insert(0, "abc");
  const updates = [];
  doc.on("update", ({ origin, update }) => updates.push([origin, update]));
  undo.undo();
  assert.equal(doc.status.unsynced, 6, "three that were written, and that they are deleted");
  await endOfTask();
  const peer = new Y.Doc();
  for (const [origin, update] of updates) {
    assert.equal(origin, "local");
    Y.applyUpdate(peer, update);
  }
  assert.equal(String(peer.getText("body")), "");
});

test("a closed manager or document undoes nothing, and what is no root is no scope", async () => {
  const { doc, text, undo, told } = await stage();
  const other = doc.undo({ scope: [text, doc.map("meta"), doc.list("todos")] });
  text.insert(0, "a");
  undo.close();
  undo.close();
  for (const call of [() => undo.undo(), () => undo.redo(), () => undo.canUndo, () => undo.clear(), () => undo.stopCapturing(), () => undo.observe(() => {})]) {
    assert.throws(call, { code: "closed" });
  }
  await endOfTask();
  assert.deepEqual(told, []);
  assert.equal(other.undo(), true);

  const elsewhere = (await openOffline()).text("body");
  for (const scope of [undefined, null, "body", [], [elsewhere], [undefined], [{}], [1], [text, "meta"]]) {
    assert.throws(() => doc.undo({ scope }), { code: "bad-argument" });
  }
  for (const options of [undefined, null, 1, []]) assert.throws(() => doc.undo(options), { code: "bad-argument" });
  for (const captureTimeout of [-1, 0.5, NaN, Infinity, 2 ** 31, "500", null, 1n]) {
    assert.throws(() => doc.undo({ scope: [text], captureTimeout }), { code: "bad-option" });
  }
  assert.throws(() => doc.undo({ scope: [text], capturetimeout: 1 }), { code: "bad-option", message: /'capturetimeout'/ });

  await doc.close();
  assert.throws(() => other.undo(), { code: "closed" });
  assert.throws(() => other.canUndo, { code: "closed" });
  assert.throws(() => doc.undo({ scope: [text] }), { code: "closed" });
  other.close();
});

test("what is nested comes back with a handle of its own, and its root is its scope", async () => {
  const doc = await openOffline();
  const map = doc.map("meta");
  const undo = doc.undo({ scope: [map], captureTimeout: 0 });
  const notes = map.setText("notes", "abc");
  assert.throws(() => doc.undo({ scope: [notes] }), { code: "bad-argument" });
  await endOfTask();
  map.delete("notes");
  undo.undo();
  assert.throws(() => notes.insert(0, "x"), { code: "deleted" });
  assert.equal(String(map.text("notes")), "abc");
});

test("an entry that was replaced just before its map was deleted comes back for everybody", async () => {
  const doc = await openOffline();
  const todos = doc.list("todos");
  const undo = doc.undo({ scope: [todos], captureTimeout: 0 });
  const todo = todos.insertMap(0, { title: "value" });
  await endOfTask();
  doc.transact(() => {
    todo.setText("title", "another");
    todos.delete(0);
  });
  for (let round = 0; round < 3; round += 1) {
    assert.equal(undo.undo(), true);
    const peer = new Y.Doc();
    Y.applyUpdate(peer, doc.encodeUpdate());
    assert.deepEqual([todos.toJSON(), peer.getArray("todos").toJSON()], Array(2).fill([{ title: "value" }]));
    assert.equal(undo.redo(), true);
    assert.deepEqual(todos.toJSON(), []);
  }
});

/** Ours and a Y.Doc, each with an undo manager that has a step for each edit, edited in the same way. */
async function twins(seed) {
  const random = createRandom(seed);
  const doc = await openOffline();
  const [text, list, map] = [doc.text("t"), doc.list("l"), doc.map("m")];
  const undo = doc.undo({ scope: [text, list, map], captureTimeout: 0 });
  const yjs = new Y.Doc();
  // The same id, so that what is written at one place at the same time stands in the same order.
  yjs.clientID = doc.clientId;
  const [yText, yList, yMap] = [yjs.getText("t"), yjs.getArray("l"), yjs.getMap("m")];
  const yUndo = new Y.UndoManager([yText, yList, yMap], { captureTimeout: 0 });
  const read = () => [text.toDelta(), list.toJSON(), map.toJSON()];
  const yRead = () => [yText.toDelta(), yList.toJSON(), yMap.toJSON()];
  return { random, doc, text, list, map, undo, yjs, yText, yList, yMap, yUndo, read, yRead };
}

test("undo does what Y.UndoManager does, with edits of others in between", async () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const world = await twins(seed);
    const { random, doc, text, list, map, undo, yjs, yText, yList, yMap, yUndo } = world;
    const other = new Y.Doc();
    for (let step = 0; step < 120; step += 1) {
      const at = random.below(text.length + 1);
      const len = Math.min(1 + random.below(4), text.length - at);
      const [place, key] = [random.below(list.length + 1), random.pick(["a", "b", "c"])];
      const [both, string] = [(here, there) => (doc.transact(here), yjs.transact(there)), random.pick(["x", "yz", "long"])];
      const acts = [
        () => both(() => text.insert(at, string), () => yText.insert(at, string)),
        () => len && both(() => text.delete(at, len), () => yText.delete(at, len)),
        () => both(() => list.insert(place, step), () => yList.insert(place, [step])),
        () => place < list.length && both(() => list.delete(place), () => yList.delete(place)),
        () => both(() => map.set(key, step), () => yMap.set(key, step)),
        () => map.has(key) && both(() => map.delete(key), () => yMap.delete(key)),
        () => assert.equal(undo.undo(), yUndo.undo() !== null),
        () => assert.equal(undo.undo(), yUndo.undo() !== null),
        () => assert.equal(undo.redo(), yUndo.redo() !== null),
        () => {
          const theirs = other.getText("t");
          theirs.insert(random.below(theirs.length + 1), "<>");
          other.getMap("m").set(key, "theirs");
          const update = Y.encodeStateAsUpdate(other);
          doc.applyUpdate(update);
          Y.applyUpdate(yjs, update, "somebody else");
        },
      ];
      random.pick(acts)();
      assert.deepEqual(world.read(), world.yRead(), `seed ${seed}, step ${step}`);
      assert.deepEqual([undo.canUndo, undo.canRedo], [yUndo.canUndo(), yUndo.canRedo()], `seed ${seed}, step ${step}`);
    }
  }
});
