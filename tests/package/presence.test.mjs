// Presence, over a fake in place of the wasm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { fakeRaw } from "./helpers/fake-raw.mjs";

const { Doc } = await importBuilt("doc.js");

/** A document whose fake shows what was set, as the wasm does. The own client id is 42. */
function open(others = []) {
  const fake = fakeRaw({
    docSetPresence: (_doc, json) => fake.setPresence(json === undefined ? others : [...others, [42, json]]),
  });
  fake.setPresence(others);
  const doc = new Doc(fake.raw, "ws://127.0.0.1", "room");
  fake.forget();
  return { doc, fake };
}

test("the own state is among the states, under the own client id", () => {
  const { doc } = open([[1, '{"name":"Bob"}']]);
  assert.equal(doc.presence.own, null);
  doc.presence.set({ name: "Ada" });
  assert.deepEqual(doc.presence.own, { name: "Ada" });
  assert.deepEqual([...doc.presence.states], [[1, { name: "Bob" }], [42, { name: "Ada" }]]);
  doc.presence.set(null);
  assert.equal(doc.presence.own, null);
});

test("update changes the named fields, and undefined takes one away", () => {
  const { doc } = open();
  doc.presence.update({ name: "Ada", cursor: 1 });
  doc.presence.update({ cursor: 2 });
  assert.deepEqual(doc.presence.own, { name: "Ada", cursor: 2 });
  doc.presence.update({ cursor: undefined });
  assert.deepEqual(doc.presence.own, { name: "Ada" });
});

test("the states are the same objects until they change", () => {
  const { doc, fake } = open([[1, '{"a":1}'], [2, '{"b":1}']]);
  const before = doc.presence.states;
  assert.equal(doc.presence.states, before);

  fake.setPresence([[1, '{"a":1}'], [2, '{"b":2}']]);
  fake.send({ type: "presence", added: [], updated: [2], removed: [] });
  const after = doc.presence.states;

  assert.notEqual(after, before);
  assert.equal(after.get(1), before.get(1));
  assert.deepEqual(after.get(2), { b: 2 });
});

test("a peer's state that is no JSON object is not shown", () => {
  const { doc } = open([[1, "nonsense"], [2, "5"], [3, "[]"], [4, "null"], [5, "{}"]]);
  assert.deepEqual([...doc.presence.states], [[5, {}]]);
});

test("a state that JSON cannot hold is refused and changes nothing", () => {
  const { doc, fake } = open();
  const circular = {};
  circular.self = circular;
  const refused = [
    5, "x", [], undefined, () => {}, circular,
    { f() {} }, { a: [Symbol("s")] }, { n: 1n }, { n: NaN }, { toJSON: () => 5 }, { toJSON: () => undefined },
    { "syncline:events": [] },
  ];
  for (const state of refused) assert.throws(() => doc.presence.set(state), { code: "bad-value" });
  assert.deepEqual(fake.names(), []);
  assert.throws(() => doc.presence.set({ n: Infinity }), {
    message: "'n' of the presence state is Infinity, which JSON cannot hold",
  });
});
