// Two people type at once through a bad network and a server that crashes, and end with the same text.

import assert from "node:assert/strict";
import test from "node:test";
import { openBarePage } from "./lib/bare-page.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const BURST = 400;

test("two people who type at once through cuts and a crash end with the same text", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const pages = own(await servePages());
  const browser = own(await startBrowser());
  const ada = own(await openBarePage(browser, pages, proxy.url, "notes"));
  const bob = own(await openBarePage(browser, pages, proxy.url, "notes"));
  const both = (work) => Promise.all([work(ada, "a"), work(bob, "b")]);
  const type = (count) => both((person, letter) => person.run(([l, n]) => window.type(l, n), [letter, count]));
  await both((person) => person.untilPhase("synced"));

  // Cut in the middle of the typing, and typed on without a network.
  const typing = type(BURST);
  await both((person) => person.until(() => window.typed >= 20));
  proxy.goDown();
  await typing;
  await both((person) => person.until(() => window.doc.status.phase !== "synced" && window.doc.status.unsynced > 0));
  proxy.restore();
  await both((person) => person.until(() => window.doc.status.phase === "synced" && window.doc.status.unsynced === 0));

  // The server crashes in the middle of the typing, and comes back when both have noticed.
  const typingAgain = type(BURST);
  await both((person) => person.until((typed) => window.typed >= typed, BURST + 20));
  await server.kill();
  await typingAgain;
  await both((person) => person.until(() => window.doc.status.phase !== "synced"));
  await server.start();
  await both((person) => person.until(() => window.doc.status.phase === "synced" && window.doc.status.unsynced === 0));

  // What the server then holds is what a third one is given, and what both must have.
  const witness = own(await joinWithYjs(server.url, "notes"));
  await until(() => witness.body.length === 4 * BURST, { sources: [witness.news], state: () => witness.body.length });
  const text = witness.body.toString();
  await both((person) => person.untilText(text));
  assert.equal([...text].filter((letter) => letter === "a").length, 2 * BURST);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});
