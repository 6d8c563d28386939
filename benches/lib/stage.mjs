// Decides what a row is given: a page with one library in a browser of its own kind, and nothing left over from another.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { serve } from "../../scripts/lib/static-server.mjs";
import { startBrowser } from "../../tests/e2e/lib/browser.mjs";
import { bundlePages } from "./bundle.mjs";

/** Has pages read their clock in steps of 5 µs. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** How long the slowest library may take for one round of one row. */
const DEADLINE_MS = 15 * 60_000;

/** Makes the pages of `names` and starts a browser. What it holds is ended by `close()`. */
export async function setStage({ names, trace }) {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-bench-"));
  await bundlePages(folder, names);
  await writeFile(path.join(folder, "trace.json"), JSON.stringify(trace));
  const pages = await serve({ folders: { "/": folder }, headers: ISOLATED });
  const browser = await startBrowser();
  return {
    browser,
    url: pages.url,
    /** A page of the library `name`, loaded, in a context of its own. */
    async page(name) {
      const visitor = await browser.visit(`${pages.url}/${name}/index.html`);
      visitor.page.setDefaultTimeout(DEADLINE_MS);
      await visitor.page.waitForFunction(() => window.library);
      await visitor.page.evaluate(() => window.library.init());
      return visitor;
    },
    async close() {
      await browser.close();
      await pages.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `work` in the page of a library; what the page reported as an error fails it. */
export async function inPage(stage, name, work, argument) {
  const visitor = await stage.page(name);
  try {
    return await visitor.page.evaluate(work, argument);
  } finally {
    await visitor.close();
  }
}
