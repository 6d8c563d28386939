// What an app downloads must not grow unnoticed.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { ceiling, downloadOf, measure } from "../../scripts/lib/sizes.mjs";
import { STD_NAME } from "../../scripts/lib/wasm.mjs";
import { PACKAGE } from "./helpers/built.mjs";

test("the main entry with its wasm stays below the ceiling", async (t) => {
  const wasm = path.join(PACKAGE, "dist", "syncline_bg.wasm");
  const measured = await measure({ wasm, entries: { syncline: path.join(PACKAGE, "dist", "index.browser.js") } });
  const { brotli } = downloadOf(measured, wasm);
  const std = await readFile(STD_NAME, "utf8");
  const most = ceiling(std);
  t.diagnostic(`${brotli} bytes in brotli, with the ${std} standard library`);
  assert(brotli <= most, `${brotli} bytes in brotli with the ${std} standard library, the ceiling is ${most}`);
});

test("what the glue and the wasm exchange has short names", async () => {
  const dist = path.join(PACKAGE, "dist");
  const hashed = /__wbg_\w+_[0-9a-f]{16}|__h[0-9a-f]{16}/;
  for (const file of ["syncline.js", "syncline.d.ts"]) assert.doesNotMatch(await readFile(path.join(dist, file), "utf8"), hashed);
  const module = await WebAssembly.compile(await readFile(path.join(dist, "syncline_bg.wasm")));
  const names = [...WebAssembly.Module.imports(module), ...WebAssembly.Module.exports(module)].map(({ name }) => name);
  assert.deepEqual(names.filter((name) => hashed.test(name)), []);
  assert(names.includes("docOpen"), `${names}`);
});
