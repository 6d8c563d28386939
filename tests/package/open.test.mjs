// Loading: once, at the first call, and again after a failure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { fakeRaw } from "./helpers/fake-raw.mjs";

const { loaded, loadOnce, openDocument } = await importBuilt("open.js");

// In this order: what has been loaded stays loaded.

test("a load that failed is an error with its cause, and is tried again", async () => {
  const cause = new Error("404");
  const refused = { code: "load-failed", cause, message: /404.*syncline\/inline/ };
  await assert.rejects(loadOnce(() => Promise.reject(cause)), refused);
  assert.equal(loaded(), undefined);
});

test("where the page's policy keeps all wasm from being compiled, the error names the directive", async (t) => {
  const refuse = () => {
    throw new WebAssembly.CompileError("blocked");
  };
  t.mock.method(WebAssembly, "Module", refuse);
  const refused = { code: "load-failed", message: /blocked; .*script-src 'wasm-unsafe-eval'/ };
  await assert.rejects(loadOnce(async () => refuse()), refused);
});

test("the wasm is loaded once", async () => {
  const fake = fakeRaw();
  // A promise must not resolve to the fake itself, which answers to `then` as to any other name.
  const { docOpen, docClientId, docStatus } = fake.raw;
  let loads = 0;
  const load = async () => {
    loads += 1;
    return { docOpen, docClientId, docStatus };
  };
  const open = () => openDocument(() => loadOnce(load), "ws://127.0.0.1", "room");
  const [first, second] = await Promise.all([open(), open()]);
  assert.notEqual(first, second);
  assert.equal(loads, 1);
});
