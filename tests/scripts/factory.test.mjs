// The glue becomes a function that makes instances, or the build fails: never a module that half of them share.

import assert from "node:assert/strict";
import test from "node:test";
import { factoryOf, factoryTypesOf } from "../../scripts/lib/factory.mjs";

/** What bindgen writes, as far as it is looked at. */
const GLUE = `/* @ts-self-types="./syncline.d.ts" */
export function answer(arg) {
    return wasm.answer(arg);
}
function __wbg_get_imports() {
    return {};
}
const CLOSURE_DTORS = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(state => wasm.__wbindgen_destroy_closure(state.a, state.b));
function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        wasm.__wbindgen_exn_store(e);
    }
}
function makeClosure(arg0, arg1, f) {
        try {
            return f(state.a, state.b, ...args);
        } finally {}
}
function makeMutClosure(arg0, arg1, f) {
        try {
            return f(a, state.b, ...args);
        } finally {}
}
let wasmModule, wasmInstance, wasm;
export { initSync, __wbg_init as default };
`;

const TYPES = `/* eslint-disable */

/**
 * Answers.
 */
export function answer(arg: number): number;

export type InitInput = BufferSource;
`;

test("each instance has variables of its own, and returns what the module exported", async () => {
  const script = factoryOf(GLUE);
  const { instantiate } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  // As small as a module can be that is one.
  const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const made = [1, 2].map((number) =>
    instantiate(module, { timers: {}, begin: () => ({ answer: (given) => given + number, __wbindgen_start: () => {} }) }),
  );
  assert.deepEqual(made.map((exports) => exports.answer(10)), [11, 12]);
});

test("what an import has called may end the instance, and then its frames go no further", async () => {
  const { instantiate } = await import(`data:text/javascript,${encodeURIComponent(factoryOf(GLUE.replace("return wasm.answer(arg);", "return handleError(arg, []);")))}`);
  const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const life = { hasEnded: false, timers: {}, begin: () => ({ __wbindgen_start: () => {}, __wbindgen_exn_store: () => {} }) };
  life.proceed = () => {
    if (life.hasEnded) throw new Error("ended");
  };
  const { answer } = instantiate(module, life);
  const called = [];
  assert.equal(answer(() => called.push("first")), 1);
  assert.equal(answer(() => JSON.parse("no JSON")), undefined, "what it throws is kept for the wasm");
  assert.throws(() => answer(() => (life.hasEnded = true)), /ended/);
  assert.throws(() => answer(() => called.push("second")), /ended/);
  assert.deepEqual(called, ["first"]);
});

test("the types are those of the functions that an instance has", () => {
  const types = factoryTypesOf(TYPES);
  assert.match(types, /export interface Exports \{\n\/\*\*\n \* Answers.\n \*\/\nanswer\(arg: number\): number;\n\}/);
  assert.match(types, /export function instantiate\(module: WebAssembly.Module, life: Life\): Exports;/);
});

test("glue of another shape is refused", () => {
  const others = [
    GLUE.replace("f.apply(this, args)", "f(...args)"),
    GLUE.replace("...args);\n        } finally {}\n}\nlet", "args);\n        } finally {}\n}\nlet"),
    GLUE.replace("state => wasm", "state => other"),
    GLUE.replace("let wasmModule, wasmInstance, wasm;", "let wasm;"),
    GLUE.replace("export function answer", "function answer"),
    GLUE.replace("function handleError", "export const more = 1;\nfunction handleError"),
    GLUE.replace("function handleError", 'import more from "./more.js";\nfunction handleError'),
    `${GLUE}${GLUE}`,
  ];
  for (const glue of others) assert.throws(() => factoryOf(glue), { name: "Problem", message: /bindgen writes another glue/ });
  assert.throws(() => factoryTypesOf(TYPES.replace("InitInput", "Input")), { name: "Problem" });
});
