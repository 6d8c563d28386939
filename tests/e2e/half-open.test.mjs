// A connection that is open and dead is noticed at the default options, and replaced.

import assert from "node:assert/strict";
import test from "node:test";
import { openBarePage } from "./lib/bare-page.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const NOTICED_WITHIN_MS = 20_000;

test("a half-open connection is noticed within 20 s and heals", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const pages = own(await servePages());
  const browser = own(await startBrowser());
  const person = own(await openBarePage(browser, pages, proxy.url, "notes"));
  await person.untilPhase("synced");

  proxy.blackhole();
  const since = performance.now();
  await person.run(() => window.body.insert(0, "not lost"));
  await person.until(() => window.doc.status.phase !== "synced");
  const took = performance.now() - since;
  assert(took < NOTICED_WITHIN_MS, `noticed after ${Math.round(took)} ms`);
  t.diagnostic(`noticed after ${Math.round(took)} ms`);
  assert.equal((await person.status()).reason.code, "silent");

  proxy.restore();
  await person.until(() => window.doc.status.phase === "synced" && window.doc.status.unsynced === 0);
  const witness = own(await joinWithYjs(server.url, "notes"));
  await witness.shows("not lost");
  assert.deepEqual(person.errors, []);
});
