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
