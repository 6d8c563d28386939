// Decides how the glue that bindgen writes becomes a function which makes an instance: one that a trap has killed cannot be
// mended, and the next one needs caches and tables of its own.
//
// Bindgen writes a module with one instance in its variables. Each step here expects a text of it exactly, and fails where
// another version of bindgen writes another.

import { Problem } from "./problem.mjs";

/** What is called with everything that the instance is made of and ends by; see `pkg-template/src/life.ts`. */
const HEAD = `
export function instantiate(module, life) {
const { setTimeout, clearTimeout } = life.timers;
`;

/** Where bindgen begins to load the wasm, which the package does itself. */
const LOADING = "let wasmModule, wasmInstance, wasm;\n";

/** The steps, each with how often its text is there. */
const STEPS = [
  // What an import has called may have killed the instance: then its frames must not go on.
  {
    from: "    try {\n        return f.apply(this, args);\n    } catch (e) {\n",
    to: "    life.proceed();\n    try {\n        const ret = f.apply(this, args);\n        life.proceed();\n        return ret;\n    } catch (e) {\n        life.proceed();\n",
    times: 1,
  },
  // What the browser calls has nobody to throw to.
  { from: "            return f(state.a, state.b, ...args);\n", to: "            return life.hear(() => f(state.a, state.b, ...args));\n", times: 1 },
  { from: "            return f(a, state.b, ...args);\n", to: "            return life.hear(() => f(a, state.b, ...args));\n", times: 1 },
  {
    from: "new FinalizationRegistry(state => wasm.__wbindgen_destroy_closure(state.a, state.b))",
    to: "new FinalizationRegistry(state => life.hear(() => wasm.__wbindgen_destroy_closure(state.a, state.b)))",
    times: 1,
  },
];

const EXPORTED = /^export function (\w+)\(/gm;
const OWN_COMMENT = /^\/\* @ts-self-types.*\n/;

/** The script that exports `instantiate(module, life)`, which returns the functions of a new instance. */
export function factoryOf(glue) {
  const names = [...glue.matchAll(EXPORTED)].map(([, name]) => name);
  const [head, ...rest] = glue.split(LOADING);
  if (names.length === 0 || rest.length !== 1) throw unknown("its exports and the end of the script");
  const body = STEPS.reduce(take, head.replace(OWN_COMMENT, "").replace(EXPORTED, "function $1("));
  if (/^(export|import) /m.test(body)) throw unknown("what it exports and imports");
  return `${HEAD}${body}
const wasm = life.begin(new WebAssembly.Instance(module, __wbg_get_imports()));
wasm.__wbindgen_start();
return { ${names.join(", ")} };
}
`;
}

/** The types that belong to it: `Exports`, with what bindgen wrote of each function, and `instantiate`. */
export function factoryTypesOf(types) {
  const [functions, ...rest] = types.split("export type InitInput =");
  if (rest.length !== 1 || functions.search(EXPORTED) < 0) throw unknown("its types");
  const [comments, ...declared] = functions.split(/(?=\/\*\*\n)/);
  return `${comments}import type { Life } from "./life.js";

/** The functions of one instance. */
export interface Exports {
${declared.join("").replace(EXPORTED, "$1(").trimEnd()}
}

/** Makes an instance of a compiled module. Throws where there is no memory for it. */
export function instantiate(module: WebAssembly.Module, life: Life): Exports;
`;
}

function take(text, { from, to, times }) {
  const parts = text.split(from);
  if (parts.length !== times + 1) throw unknown(`'${from.trim()}' ${times} time(s), found ${parts.length - 1}`);
  return parts.join(to);
}

function unknown(what) {
  return new Problem(`bindgen writes another glue than scripts/lib/factory.mjs knows: it expects ${what}.`);
}
