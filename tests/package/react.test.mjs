// What React is given, without a browser: on a server, and by which documents and snapshots are told apart.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { importBuilt } from "./helpers/built.mjs";

const { useDoc, useList, useMap, usePresence, useStatus, useText } = await importBuilt("react.node.js");
const { keyOf } = await importBuilt("react-key.js");
const { kept } = await importBuilt("react-snapshot.js");
const { Store } = await importBuilt("react-store.js");

test("a server renders what is there before a document is open, and opens none", () => {
  const open = () => assert.fail("opened");
  let seen;
  function App() {
    const doc = useDoc("ws://127.0.0.1", "room", { open });
    const nothing = useDoc(undefined, "room", { open });
    const people = usePresence(doc);
    seen = [doc, nothing, useText(doc, "a"), useMap(doc, "a"), useList(doc, "a"), useStatus(doc), [...people[0]], people[1]];
    return null;
  }
  renderToString(createElement(App));
  assert.deepEqual(seen, [undefined, undefined, ["", undefined], [{}, undefined], [[], undefined], undefined, [], undefined]);
});

test("options are the same in whatever order and objects they are written, and whatever functions they have", () => {
  const key = (options) => keyOf(["ws://a", "b", options]);
  const same = [
    { store: { name: "n", durability: "strict" }, token: () => "a" },
    { token: () => "b", store: { durability: "strict", name: "n" }, scope: undefined },
  ];
  assert.equal(key(same[0]), key(same[1]));
  const different = [
    {}, { token: "a" }, { token: "b" }, { token: () => "a" }, { store: true }, { store: { name: "true" } }, { scope: "true" },
    { params: { a: "1" } }, { params: { a: 1 } }, { params: { "a\":1": "" } }, { protocols: ["a", "b"] }, { protocols: ["a,b"] },
    { logger: console }, { logger: new Map() }, { a: { b: { c: { d: {} } } } }, { a: { b: { c: { d: {} } } } },
  ];
  assert.equal(new Set(different.map(key)).size, different.length);
  const circular = {};
  circular.params = circular;
  assert.equal(key(circular), key(circular));
  for (const value of [1n, Symbol("s"), null, undefined, NaN, Object.create(null)]) assert.equal(typeof keyOf(value), "string");
});

test("what did not change keeps its identity, wherever something was put in, taken out or replaced", () => {
  const items = (...names) => names.map((name) => ({ name, bytes: new Uint8Array([name.length]), n: [1n, NaN, null, { deep: name }] }));
  const before = kept([], items("a", "b", "c", "d"));
  assert.equal(kept(before, items("a", "b", "c", "d")), before);
  for (const names of ["abXcd", "Xabcd", "abcdX", "bcd", "acd", "abc", "aXcd", "", "X", "dcba", "aabbccdd"]) {
    const after = kept(before, items(...names));
    assert.deepEqual(after, items(...names));
    assert(Object.isFrozen(after) && after.every((item) => Object.isFrozen(item) && Object.isFrozen(item.n[3])));
    if (["dcba", "aabbccdd"].includes(names)) continue;
    for (const [at, name] of [...names].entries()) {
      if (name !== "X") assert.equal(after[at], before.find((item) => item.name === name), `${name} of ${names}`);
    }
  }
});

test("fields keep their identity one by one, whatever they are called", () => {
  const json = `{"a":{"b":1},"c":[1],"__proto__":{"d":2},"constructor":1}`;
  const before = kept({}, JSON.parse(json));
  assert.equal(kept(before, JSON.parse(json)), before);
  const after = kept(before, JSON.parse(json.replace("[1]", "[2]")));
  assert.notEqual(after, before);
  assert.equal(after.a, before.a);
  assert.equal(Object.getOwnPropertyDescriptor(after, "__proto__").value, Object.getOwnPropertyDescriptor(before, "__proto__").value);
  assert.equal(Object.getPrototypeOf(after), Object.prototype);
  assert.notEqual(kept({ a: undefined }, {}), kept({ a: undefined }, { b: undefined }));
  const kinds = [[], {}, "", 0, null, new Uint8Array(), [1], { 0: 1 }, new Uint8Array([1])];
  for (const one of kinds) for (const other of kinds) assert.deepEqual(kept(structuredClone(one), structuredClone(other)), other);
});

test("a store reads again after a change, and at any time while nobody listens", () => {
  let content = "a";
  let tell;
  let reads = 0;
  const observe = (listener) => {
    tell = listener;
    return () => (tell = undefined);
  };
  const store = new Store({ read: () => ((reads += 1), content), observe }, "");
  assert.equal(store.snapshot(), "a");
  content = "b";
  assert.equal(store.snapshot(), "b");

  let told = 0;
  const stops = [store.subscribe(() => (told += 1)), store.subscribe(() => (told += 1))];
  store.snapshot();
  reads = 0;
  store.snapshot();
  assert.equal(reads, 0);
  content = "c";
  tell();
  assert.deepEqual([told, store.snapshot(), store.snapshot(), reads], [2, "c", "c", 1]);
  for (const stop of stops) stop();
  assert.equal(tell, undefined);
  content = "d";
  assert.equal(store.snapshot(), "d");
});

test("a store shows what there was when there is nothing any more, and hands on other errors", () => {
  let code;
  const fail = () => {
    if (code) throw Object.assign(new Error(code), { code });
    return "content";
  };
  const store = new Store({ read: fail, observe: () => (fail(), () => {}) }, "empty");
  code = "closed";
  assert.equal(store.snapshot(), "empty");
  store.subscribe(() => {})();
  code = undefined;
  assert.equal(store.snapshot(), "content");
  code = "deleted";
  assert.equal(store.snapshot(), "content");
  code = "wrong-kind";
  assert.throws(() => store.snapshot(), { code });
});
