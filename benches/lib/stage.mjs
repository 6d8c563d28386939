// Decides what a row is given: a page with one library in a browser of its own kind, and nothing left over from another.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { serve } from "../../scripts/lib/static-server.mjs";
import { startBrowser } from "../../tests/e2e/lib/browser.mjs";
import { bundlePages } from "./bundle.mjs";
import { startServerFor } from "./servers.mjs";

/** Has pages read their clock in steps of 5 µs. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** On a signal everything is ended in order; Playwright would end the process first. */
const LEFT_TO_US = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };

/** How long the slowest library may take for one measurement; what hangs is ended and told. */
const DEADLINE_MS = 3 * 60_000;

/** Makes the pages of `names` and starts a browser. What it holds is ended by `close()`. */
export async function setStage({ names, trace }) {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-bench-"));
  await bundlePages(folder, names);
  await writeFile(path.join(folder, "trace.json"), JSON.stringify(trace));
  const pages = await serve({ folders: { "/": folder }, headers: ISOLATED });
  const browser = await startBrowser(LEFT_TO_US);
  const made = new Map();
  const owned = [];
  let isClosed = false;
  return {
    browser,
    folder,
    url: pages.url,
    /** What `make` gives, made once for all that ask for it under this name. */
    once(name, make) {
      if (!made.has(name)) made.set(name, make());
      return made.get(name);
    },
    /** Ends what is promised together with the stage. */
    async own(promised) {
      owned.push(promised);
      return promised;
    },
    /** The server of the library `name`, started when it is asked for first. */
    server(name) {
      return this.once(`server ${name}`, () => this.own(startServerFor(name)));
    },
    /** A page of the library `name`, loaded, in a context of its own; `kind` is one of those that are bundled. */
    async page(name, kind = "index") {
      const visitor = await browser.visit(`${pages.url}/${name}/${kind}.html`);
      visitor.page.setDefaultTimeout(DEADLINE_MS);
      await visitor.page.waitForFunction(() => window.library);
      await visitor.page.evaluate(() => window.library.init());
      return visitor;
    },
    /** Whether what is measured at this moment fails because all ends. */
    get isClosed() {
      return isClosed;
    },
    async close() {
      isClosed = true;
      await browser.close();
      await pages.close();
      const running = await Promise.allSettled(owned);
      await Promise.all(running.map(({ value }) => value?.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `work` in a page of a library and closes it. */
export async function inPage(stage, name, work, argument, kind) {
  const visitor = await stage.page(name, kind);
  try {
    return await inTime(visitor.page.evaluate(work, argument));
  } finally {
    await visitor.close();
  }
}

/**
 * Has `work` done with pages of a library that are in step with each other over its server. Each has `window.shared`.
 * @param {(pages: import("playwright-core").Page[], room: string) => Promise<T>} work
 * @param {{ prepare?: (page: import("playwright-core").Page, n: number) => unknown }} [options] `prepare` sees each page before
 *   it connects
 */
export async function together(stage, name, count, work, { prepare = () => {} } = {}) {
  const { url } = await stage.server(name);
  const visitors = [];
  let room = `room-${(rooms += 1)}`;
  try {
    for (let n = 0; n < count; n++) {
      const visitor = await stage.page(name, "online");
      visitors.push(visitor);
      await prepare(visitor.page, n);
      const join = async ([url, room]) => {
        window.sent = window.kit.countFrames();
        window.shared = await window.connect(url, room);
        return window.shared.room;
      };
      room = await inTime(visitor.page.evaluate(join, [url, room]));
    }
    return await inTime(work(visitors.map(({ page }) => page), room));
  } finally {
    await Promise.all(visitors.map((visitor) => visitor.close()));
  }
}

/** What `work` gives, unless it hangs. The page that it hangs in is closed by who opened it. */
export function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${DEADLINE_MS / 60_000} minutes`)), DEADLINE_MS);
  });
  // It fails when its page is closed, which nobody waits for any more.
  work.catch(() => {});
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** No two measurements meet in a room. */
let rooms = 0;
