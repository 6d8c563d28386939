// The past of a document as an application asks for it: snapshots, what they hold, what changed, and having it back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openOffline } from "./helpers/offline.mjs";

async function withContent() {
  const doc = await openOffline();
  doc.text("body").applyDelta([
    { insert: "Hello", attributes: { bold: true } },
    { insert: " 😀 " },
    { insert: { image: "a.png" } },
  ]);
  doc.map("meta").set("title", "Plan");
  doc.map("meta").set("__proto__", { tags: [1, null, true] });
  doc.list("todos").push({ label: "ship", done: false }, "second");
  return doc;
}

function contents(doc) {
  return [doc.text("body").toDelta(), doc.map("meta").toJSON(), doc.list("todos").toJSON()];
}

test("a snapshot is read as the document was, by whoever has it", async () => {
  const doc = await withContent();
  const snapshot = doc.snapshot();
  const before = contents(doc);
  doc.text("body").delete(0, 5);
  doc.map("meta").delete("title");
  doc.list("todos").delete(0, 2);

  const elsewhere = await openOffline();
  for (const then of [doc.at(snapshot), elsewhere.at(new Uint8Array(snapshot))]) {
    assert.deepEqual(contents(then), before);
    assert.equal(then.text("body").toString(), "Hello 😀 ");
    const meta = then.map("meta");
    assert.deepEqual([meta.get("title"), meta.has("title"), meta.size, meta.get("none")], ["Plan", true, 2, undefined]);
    assert.deepEqual(meta.keys().sort(), ["__proto__", "title"]);
    const todos = then.list("todos");
    assert.deepEqual([todos.length, todos.get(1), todos.get(2)], [2, "second", undefined]);
    assert.deepEqual([String(then.text("never")), then.map("none").toJSON(), then.list("nothing").toJSON()], ["", {}, []]);
    assert.throws(() => then.map("body"), { code: "wrong-kind" });
  }
  assert.deepEqual(contents(elsewhere), [[], {}, []], "what was only looked at is not in the document");
});

test("what is read of the past cannot be changed, not even by changing the bytes", async () => {
  const doc = await withContent();
  const snapshot = doc.snapshot();
  const then = doc.at(snapshot);
  snapshot.fill(0);
  then.list("todos").toJSON()[0].done = "changed";
  then.list("todos").get(0).label = "changed";
  assert.deepEqual(then.list("todos").get(0), { label: "ship", done: false });
});

test("a diff tells what changed between two snapshots, either way, and since one", async () => {
  const doc = await openOffline();
  const body = doc.text("body");
  body.insert(0, "one two three");
  const first = doc.snapshot();
  body.delete(4, 4);
  body.format(0, 3, { bold: true });
  const second = doc.snapshot();
  body.insert(body.length, "!");

  const bold = { retain: 3, attributes: { bold: true } };
  assert.deepEqual(body.diff(first, second), [bold, { retain: 1 }, { delete: 4 }]);
  const back = [{ retain: 3, attributes: { bold: null } }, { retain: 1 }, { insert: "two " }];
  assert.deepEqual(body.diff(second, first), back);
  assert.deepEqual(body.diff(second), [{ retain: 9 }, { insert: "!" }]);
  assert.deepEqual(body.diff(first, first), []);
});

test("what is restored is an edit: everyone gets it, and what others do meanwhile is kept", async () => {
  const [one, two] = [await withContent(), await openOffline()];
  const snapshot = one.snapshot();
  one.text("body").delete(0, 5);
  one.list("todos").delete(0);
  one.map("meta").set("title", "Other");
  two.applyUpdate(one.encodeUpdate());
  two.text("body").insert(two.text("body").length, " and more");

  const seen = [];
  one.text("body").observe(({ origin, delta }) => seen.push({ origin, delta }));
  one.restore(snapshot);
  assert.deepEqual(contents(one), contents(one.at(snapshot)));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen, [{ origin: "local", delta: [{ insert: "Hello", attributes: { bold: true } }] }]);

  two.applyUpdate(one.encodeUpdate());
  one.applyUpdate(two.encodeUpdate());
  assert.equal(String(two.text("body")), "Hello 😀  and more");
  assert.deepEqual(contents(one), contents(two));
  assert.deepEqual(two.list("todos").get(0), { label: "ship", done: false });
});

test("one type is restored alone", async () => {
  const doc = await withContent();
  const snapshot = doc.snapshot();
  const [body, meta, todos] = [doc.text("body"), doc.map("meta"), doc.list("todos")];
  for (const type of [body, todos]) type.delete(0, 1);
  meta.set("title", "Other");
  const changed = contents(doc);
  const before = contents(doc.at(snapshot));
  body.restore(snapshot);
  assert.deepEqual(contents(doc), [before[0], changed[1], changed[2]]);
  meta.restore(snapshot);
  todos.restore(snapshot);
  assert.deepEqual(contents(doc), before);
});

test("bytes that are no snapshot are refused with their code, and change nothing", async () => {
  const doc = await withContent();
  const good = doc.snapshot();
  const before = contents(doc);
  const cut = good.slice(0, -1);
  const newer = Uint8Array.from(good);
  newer[4] = 9;
  for (const [bytes, message] of [[new Uint8Array(), /no snapshot/], [doc.encodeUpdate(), /no snapshot/], [cut, /damaged/], [newer, /version 9/]]) {
    const calls = [
      () => doc.at(bytes), () => doc.restore(bytes), () => doc.text("body").diff(bytes), () => doc.text("body").diff(good, bytes),
      () => doc.text("body").restore(bytes), () => doc.map("meta").restore(bytes), () => doc.list("todos").restore(bytes),
    ];
    for (const call of calls) assert.throws(call, { name: "SynclineError", code: "bad-snapshot", message }, String(call));
  }
  for (const wrong of [undefined, null, "bytes", [1, 2], {}]) {
    const calls = [() => doc.at(wrong), () => doc.restore(wrong), () => doc.text("body").diff(wrong), () => doc.map("meta").restore(wrong)];
    for (const call of calls) assert.throws(call, { code: "bad-argument" }, String(call));
  }
  assert.deepEqual(contents(doc), before);
});

test("after the document is closed its past is still read, and nothing else", async () => {
  const doc = await withContent();
  const then = doc.at(doc.snapshot());
  const body = doc.text("body");
  await doc.close();
  assert.equal(then.text("body").toString(), "Hello 😀 ");
  for (const call of [() => doc.snapshot(), () => doc.at(new Uint8Array()), () => body.restore(new Uint8Array([1]))]) {
    assert.throws(call, { code: "closed" });
  }
});

test("having the past back is a step that can be undone, of a text and of the whole document", async () => {
  const doc = await withContent();
  const [body, meta, todos] = [doc.text("body"), doc.map("meta"), doc.list("todos")];
  meta.setText("notes", "old");
  const undo = doc.undo({ scope: [body, meta, todos], captureTimeout: 0 });
  const [snapshot, first] = [doc.snapshot(), contents(doc)];
  doc.transact(() => {
    body.delete(2, 3);
    body.insert(1, "new", { bold: null });
    meta.text("notes").insert(3, "er");
    meta.delete("title");
    todos.delete(0);
    todos.insertMap(0, { label: "nested" });
  });
  const second = contents(doc);
  for (const restore of [() => body.restore(snapshot), () => doc.restore(snapshot)]) {
    doc.transact(restore);
    const restored = contents(doc);
    assert.deepEqual(restored[0], first[0]);
    assert.equal(undo.undo(), true);
    assert.deepEqual(contents(doc), second);
    assert.equal(undo.redo(), true);
    assert.deepEqual(contents(doc), restored);
    assert.equal(undo.undo(), true);
    assert.deepEqual(contents(doc), second);
  }
  undo.redo();
  assert.deepEqual(contents(doc), first);
});
