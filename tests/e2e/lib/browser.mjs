// Decides how the tests drive a browser: one Chromium for a file of tests, a context of its own for every person in it.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { BROWSER_ARGUMENTS, findBrowser } from "../../../scripts/lib/browser.mjs";

const DEADLINE_MS = 60_000;

/** Starts Chromium, headless. `launching` is for Playwright. */
export async function startBrowser(launching = {}) {
  const { chrome } = findBrowser();
  assert(chrome, "there is no Chromium: `npm run test:e2e` installs one, or CHROME names it");
  // Playwright turns off what every browser does: to keep a page that is left, frozen, for those who go back.
  const ignoreDefaultArgs = ["--disable-back-forward-cache"];
  const browser = await chromium.launch({ executablePath: chrome, args: BROWSER_ARGUMENTS, ignoreDefaultArgs, ...launching });
  return {
    /** Opens `url` as another person would: with storage and connections of their own. `kept` is in sessionStorage. */
    async visit(url, options = {}, kept) {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(DEADLINE_MS);
      if (kept) await context.addInitScript((kept) => Object.assign(sessionStorage, kept), kept);
      const page = await context.newPage();
      const errors = collectErrors(page);
      await page.goto(url);
      return { page, context, errors, close: () => context.close() };
    },
    close: () => browser.close(),
  };
}

/**
 * What the page reported as an error so far: exceptions, and lines on the console. A WebSocket that can't connect is
 * such a line in Chromium, whatever the page does about it, so those are left out.
 */
function collectErrors(page) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/^WebSocket connection to /.test(message.text())) errors.push(message.text());
  });
  return errors;
}
