// What an app downloads must not grow unnoticed.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { CEILING, downloadOf, measure } from "../../scripts/lib/sizes.mjs";
import { PACKAGE } from "./helpers/built.mjs";

test("the main entry with its wasm stays below the ceiling", async () => {
  const wasm = path.join(PACKAGE, "dist", "syncline_bg.wasm");
  const measured = await measure({ wasm, entries: { syncline: path.join(PACKAGE, "dist", "index.browser.js") } });
  const { brotli } = downloadOf(measured, wasm);
  assert(brotli <= CEILING, `${brotli} bytes in brotli, the ceiling is ${CEILING}`);
});
