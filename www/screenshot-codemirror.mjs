// Decides how the picture of docs/codemirror.md is taken: `node www/screenshot-codemirror.mjs [FOLDER]` takes it anew from the built package.

import path from "node:path";
import { ROOT } from "../scripts/lib/run.mjs";
import { startBrowser } from "../tests/e2e/lib/browser.mjs";
import { serveEditorPages } from "../tests/e2e/lib/editor-pages.mjs";
import { startServer } from "../tests/e2e/lib/server.mjs";

const PAGE = "codemirror-picture";
const VIEWPORT = { width: 1280, height: 270 };

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, "docs"));
const [browser, pages, server] = await Promise.all([startBrowser(), serveEditorPages([PAGE]), startServer()]);
try {
  const query = new URLSearchParams({ server: server.url });
  const { page } = await browser.visit(`${pages.url}/${PAGE}.html?${query}`, { viewport: VIEWPORT });
  await page.waitForFunction(() => window.isReady);
  await page.screenshot({ path: path.join(folder, "codemirror.png") });
} finally {
  await Promise.all([browser.close(), pages.close(), server.close()]);
}
