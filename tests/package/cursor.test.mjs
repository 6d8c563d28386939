// Cursors through the real wasm, beside Yjs' relative positions: the same JSON, and the same places.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { random as createRandom } from "../e2e/lib/random.mjs";
import { openOffline } from "./helpers/offline.mjs";

/** A Y.Doc with what is in `doc`. */
function mirrorOf(doc) {
  const mirror = new Y.Doc();
  Y.applyUpdate(mirror, doc.encodeUpdate());
  return mirror;
}

const SIDES = { after: 0, before: -1 };

const jsonOf = (type, index, side) =>
  JSON.parse(JSON.stringify(Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(type, index, SIDES[side]))));

/** Where Yjs finds a cursor, if it is in `type`. */
function foundByYjs(cursor, type) {
  const place = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(cursor), type.doc);
  return place?.type === type ? place.index : undefined;
}

test("a cursor is the JSON of Yjs: at the start, in the middle, at the end, beside pairs, in an empty text", async () => {
  const doc = await openOffline();
  const [text, list, empty] = [doc.text("body"), doc.list("todos"), doc.text("empty")];
  text.insert(0, "a😀b");
  text.insert(1, "c", { bold: true });
  text.delete(0, 1);
  list.push(1, 2, 3);
  const mirror = mirrorOf(doc);
  for (const side of Object.keys(SIDES)) {
    for (const index of [0, 1, 3, 4]) {
      assert.deepEqual(text.cursor(index, side), jsonOf(mirror.getText("body"), index, side), `${side} ${index}`);
    }
    for (const index of [0, 1, 3]) assert.deepEqual(list.cursor(index, side), jsonOf(mirror.getArray("todos"), index, side));
    assert.deepEqual(empty.cursor(0, side), jsonOf(mirror.getText("empty"), 0, side));
  }
  assert.deepEqual(text.cursor(4), { tname: "body", assoc: 0 });
  assert.deepEqual(text.cursor(0, "before"), { tname: "body", assoc: -1 });
  assert.throws(() => text.cursor(2), { code: "split-surrogate" });
  assert.throws(() => text.cursor(5), { code: "out-of-range" });
  assert.throws(() => text.cursor(0, "left"), { code: "bad-argument" });
});

test("places are found where Yjs finds them, whatever was edited here and there", async () => {
  const random = createRandom(5);
  const doc = await openOffline();
  const peer = new Y.Doc();
  const [text, theirs] = [doc.text("body"), peer.getText("body")];
  const [list, theirList] = [doc.list("todos"), peer.getArray("todos")];
  const cursors = [];
  for (let step = 0; step < 300; step += 1) {
    const at = random.below(text.length + 1);
    const edits = [
      () => text.insert(at, random.pick(["x", "yz", "long"])),
      () => text.delete(at, Math.min(random.below(4), text.length - at)),
      () => text.format(at, Math.min(3, text.length - at), { bold: random.pick([true, null]) }),
      () => theirs.insert(at, random.pick(["1", "23"])),
      () => theirs.delete(at, Math.min(random.below(4), theirs.length - at)),
      () => theirs.insertEmbed(at, { image: "a.png" }),
      () => list.insert(random.below(list.length + 1), step),
      () => theirList.delete(random.below(theirList.length), theirList.length ? 1 : 0),
    ];
    random.pick(edits)();
    Y.applyUpdate(peer, doc.encodeUpdate(Y.encodeStateVector(peer)));
    doc.applyUpdate(Y.encodeStateAsUpdate(peer, doc.stateVector()));
    const [side, index, place] = [random.pick(Object.keys(SIDES)), random.below(text.length + 1), random.below(list.length + 1)];
    assert.deepEqual(text.cursor(index, side), jsonOf(theirs, index, side));
    assert.deepEqual(list.cursor(place, side), jsonOf(theirList, place, side));
    cursors.push(text.cursor(index, side), list.cursor(place, side));
    for (const cursor of cursors) {
      assert.equal(text.resolve(cursor), foundByYjs(cursor, theirs), JSON.stringify(cursor));
      assert.equal(list.resolve(cursor), foundByYjs(cursor, theirList), JSON.stringify(cursor));
    }
  }
});

test("a cursor of Yjs in a nested type is nowhere in a root", async () => {
  const doc = await openOffline();
  const peer = new Y.Doc();
  const nested = peer.getMap("meta").set("notes", new Y.Text("abc"));
  doc.applyUpdate(Y.encodeStateAsUpdate(peer));
  for (const cursor of [jsonOf(nested, 1, "after"), jsonOf(nested, 3, "after"), jsonOf(nested, 0, "before")]) {
    assert.equal("type" in cursor, true);
    assert.equal(doc.text("body").resolve(cursor), undefined);
  }
});

test("a cursor of what has not come yet resolves later", async () => {
  const [one, two] = [await openOffline(), await openOffline()];
  one.text("body").insert(0, "abc");
  const cursor = JSON.parse(JSON.stringify(one.text("body").cursor(2)));
  assert.equal(two.text("body").resolve(cursor), undefined);
  two.text("body").insert(0, "zz");
  two.applyUpdate(one.encodeUpdate());
  assert.equal(two.text("body").toString()[two.text("body").resolve(cursor)], "c");
});

test("whatever object is no cursor resolves to nothing, and what is no object is refused", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  text.insert(0, "abc");
  const id = { client: doc.clientId, clock: 1 };
  const garbage = [
    {}, [], { item: 1 }, { item: {} }, { item: [] }, { item: { client: "1", clock: 0 } }, { item: { ...id, clock: 1.5 } },
    { item: { ...id, clock: -1 } }, { item: { ...id, clock: 2 ** 31 } }, { item: { ...id, clock: 3 } }, { item: { ...id, client: 2 ** 60 } },
    { item: { ...id, client: NaN } }, { item: id, assoc: "after" }, { item: id, assoc: {} }, { tname: 5 }, { tname: "other" }, { type: id },
    { type: { client: 1, clock: 0 } }, { get item() { throw new Error("no"); } }, new Date(), new Proxy({}, { get() { throw new Error("no"); } }),
  ];
  for (const cursor of garbage) assert.equal(text.resolve(cursor), undefined);
  for (const cursor of [undefined, null, 1, "x", true, () => {}]) assert.throws(() => text.resolve(cursor), { code: "bad-argument" });
  assert.equal(text.resolve({ item: id }), 1);
  assert.equal(text.resolve({ item: id, type: null, tname: null, assoc: -3 }), 2);
  assert.equal(text.resolve({ tname: "body" }), 3);
});
