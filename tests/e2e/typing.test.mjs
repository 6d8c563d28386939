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

/** How much is typed at least before something fails, and again after it was noticed. */
const SOME = 20;

test("two people who type at once through cuts and a crash end with the same text", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const pages = own(await servePages());
  const browser = own(await startBrowser());
  const ada = own(await openBarePage(browser, pages, proxy.url, "notes", { backoffCap: 500 }));
  const bob = own(await openBarePage(browser, pages, proxy.url, "notes", { backoffCap: 500 }));
  const both = (work) => Promise.all([work(ada, "a"), work(bob, "b")]);
  const typed = async (person, more) => {
    const wanted = (await person.run(() => window.typed)) + more;
    await person.until((count) => window.typed >= count, wanted);
  };

  /** Both type, something fails in the middle of it, both notice and type on. */
  const typeThrough = async (failure) => {
    await both((person) => person.untilPhase("synced"));
    await both((person, letter) => person.run((l) => window.startTyping(l), letter));
    await both((person) => typed(person, SOME));
    await failure();
    await both((person) => person.until(() => window.doc.status.phase !== "synced"));
    await both((person) => typed(person, SOME));
    await both((person) => person.run(() => window.stopTyping()));
    await both(async (person) => assert((await person.status()).unsynced >= SOME));
  };
  const saved = () => both((person) => person.run(() => window.doc.saved()));

  await typeThrough(() => proxy.goDown());
  proxy.restore();
  await saved();

  await typeThrough(() => server.kill());
  await server.start();
  await saved();

  // What the server then holds is what a third one is given, and what both must have.
  const [as, bs] = await both((person) => person.run(() => window.typed));
  const witness = own(await joinWithYjs(server.url, "notes"));
  const sources = [witness.news];
  await until(() => witness.body.length === as + bs, { sources, state: () => [witness.body.length, as, bs] });
  const text = witness.body.toString();
  await both((person) => person.untilText(text));
  const count = (letter) => text.split(letter).length - 1;
  assert.deepEqual([count("a"), count("b")], [as, bs]);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});
