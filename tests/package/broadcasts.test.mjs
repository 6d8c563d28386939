// Events that everybody else is told, over a fake in place of the wasm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { fakeRaw } from "./helpers/fake-raw.mjs";

const { Doc } = await importBuilt("doc.js");

function open(answers) {
  const fake = fakeRaw({ docBroadcast: () => true, ...answers });
  const doc = new Doc(fake.raw, "ws://127.0.0.1", "room");
  fake.forget();
  return { doc, fake };
}

function tell(fake, from, event) {
  fake.send({ type: "broadcast", from, event });
}

test("an event travels as its name and its payload, and what becomes of it is told", () => {
  const { doc, fake } = open({ docBroadcast: (_doc, event) => event.includes("ping") });
  assert.equal(doc.broadcast("ping"), true);
  assert.equal(doc.broadcast("reaction", { emoji: "🎉", "quo\"te": [1] }), false);
  assert.deepEqual(fake.calls, [
    ["docBroadcast", 7, '["ping",null]'],
    ["docBroadcast", 7, '["reaction",{"emoji":"🎉","quo\\"te":[1]}]'],
  ]);
});

test("who listens to an event is told of it and of no other, until it stops", () => {
  const { doc, fake } = open();
  const seen = [];
  const stop = doc.on("broadcast:a:b", (told) => seen.push(told));
  doc.on("broadcast:constructor", (told) => seen.push(told));
  tell(fake, 1, '["a:b",[1]]');
  tell(fake, 1, '["a",2]');
  tell(fake, 2, '["constructor",null]');
  stop();
  stop();
  tell(fake, 1, '["a:b",3]');
  assert.deepEqual(seen, [{ payload: [1], from: 1 }, { payload: null, from: 2 }]);
});

test("a name that is none and a payload that JSON cannot hold are refused, and nothing is sent", () => {
  const { doc, fake } = open();
  const circular = {};
  circular.self = circular;
  for (const name of ["", "x".repeat(65), 5, undefined, null]) {
    assert.throws(() => doc.broadcast(name), { code: "bad-argument" });
    if (typeof name === "string") assert.throws(() => doc.on(`broadcast:${name}`, () => {}), { code: "bad-argument" });
  }
  for (const payload of [() => {}, Symbol("s"), 1n, NaN, { at: [Infinity] }, circular, { toJSON: () => undefined }]) {
    assert.throws(() => doc.broadcast("x", payload), { code: "bad-value" });
  }
  assert.throws(() => doc.broadcast("x", () => {}), { message: "the payload is a function, which JSON cannot hold" });
  assert.deepEqual(fake.names(), []);
  assert.throws(() => doc.on("broadcast:x", 5), { code: "bad-argument" });
});

test("what others send in place of an event is passed over", () => {
  const { doc, fake } = open();
  const seen = [];
  for (const name of ["x", "undefined", "5"]) doc.on(`broadcast:${name}`, (told) => seen.push(told));
  const nonsense = ["", "nonsense", "5", "null", "{}", "[]", '["x"]', '["x",1,2]', "[5,1]", '["",1]', `["${"x".repeat(65)}",1]`];
  for (const event of nonsense) tell(fake, 1, event);
  tell(fake, 1, '["x",{"__proto__":{"polluted":1}}]');
  assert.equal(seen.length, 1);
  assert.equal({}.polluted, undefined);
});

test("after the end nobody is told, and nothing can be", async () => {
  const { doc, fake } = open();
  const seen = [];
  doc.on("broadcast:x", (told) => {
    seen.push(told);
    void doc.close();
  });
  doc.on("broadcast:x", (told) => seen.push(told));
  tell(fake, 1, '["x",1]');
  tell(fake, 1, '["x",2]');
  assert.equal(seen.length, 1);
  assert.throws(() => doc.broadcast("x"), { code: "closed" });
  assert.throws(() => doc.on("broadcast:x", () => {}), { code: "closed" });
});
