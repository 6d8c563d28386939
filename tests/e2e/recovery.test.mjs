// A trap of the wasm in a real browser: what was written on the device, in the tabs and at the server is one document before
// and behind it, and nobody waits for what the dead instance held.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProfile } from "./lib/profile.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { textOnDevice, visitTab } from "./lib/tab.mjs";
import { events, until } from "./lib/until.mjs";

const SHARED = { store: true, backoffCap: 500 };
const TABS = 10;

let server;
let pages;
let chromium;

before(async () => {
  server = await startServer();
  pages = await servePages();
  chromium = await startProfile("chromium");
});

after(async () => {
  await chromium?.close();
  await pages?.close();
  await server?.close();
});

async function openTabs(own, room, count) {
  const proxy = own(await startProxy(server.url));
  const tabs = [];
  for (let n = 0; n < count; n += 1) {
    const tab = own(await visitTab(chromium, pages));
    await tab.open(proxy.url, room, SHARED);
    await tab.untilSaved();
    tabs.push(tab);
  }
  return { proxy, tabs };
}

/** Has the wasm of a tab trap while it commits `text`: it asks for the time then, and is not prepared for what comes. */
function trap(tab, text) {
  return tab.run((text) => {
    const { now } = Date;
    const edit = () => window.body.insert(window.body.length, text);
    Date.now = () => {
      Date.now = now;
      throw new WebAssembly.RuntimeError("unreachable");
    };
    window.doc.transact(edit);
    return { content: window.body.toString(), recovered: window.doc.status.recovered };
  }, text);
}

test("a tab whose wasm traps goes on with what it had, saves it and stores it", async (t) => {
  const own = cleanup(t);
  const { proxy, tabs: [tab] } = await openTabs(own, "alone", 1);
  await tab.write("before ");
  await tab.run(() => {
    window.mirror = window.body.toString();
    window.body.observe(({ delta }) => {
      let at = 0;
      for (const { retain = 0, insert = "" } of delta) {
        at += retain;
        window.mirror = window.mirror.slice(0, at) + insert + window.mirror.slice(at);
        at += insert.length;
      }
    });
  });
  const { content, recovered } = await trap(tab, "trapped ");
  assert.deepEqual([content, recovered], ["before trapped ", { count: 1, reason: "trap" }]);
  await tab.write("behind");
  await tab.untilSaved();
  await tab.untilStored();
  assert.equal(await tab.run(() => window.mirror), "before trapped behind");
  await until(() => proxy.connections.length === 1, { sources: [events(proxy, "connection", "closed")] });
  assert.equal(proxy.accepted, 2, "one connection each");
  assert.equal(await textOnDevice(own, chromium, pages, proxy.url, "alone"), "before trapped behind");
  assert.deepEqual(tab.errors, []);
});

test("of ten tabs the one that leads traps: the others are not blocked, and all have what was written in each", async (t) => {
  const own = cleanup(t);
  const { proxy, tabs } = await openTabs(own, "together", TABS);
  const [leader, follower] = tabs;
  await leader.untilLeading();
  await follower.write("[follower]");
  await trap(leader, "[leader]");
  await trap(tabs[5], "[other]");
  await tabs[9].write("[last]");
  const wanted = ["[follower]", "[leader]", "[other]", "[last]"];
  const length = wanted.join("").length;
  for (const tab of tabs) {
    await tab.until((length) => window.body.length === length, length);
    await tab.untilSaved();
    await tab.untilStored();
  }
  const contents = await Promise.all(tabs.map((tab) => tab.text()));
  assert.equal(new Set(contents).size, 1, String(contents));
  for (const word of wanted) assert.ok(contents[0].includes(word), contents[0]);
  await until(() => proxy.connections.length === 1, { sources: [events(proxy, "connection", "closed")] });
  const leaders = await Promise.all(tabs.map((tab) => tab.run(() => window.doc.status.tab.leader)));
  assert.equal(new Set(leaders).size, 1, `all follow one: ${leaders}`);
  const held = await tabs[2].run(async () => {
    const { held, pending } = await navigator.locks.query();
    return { held: held.length, pending: pending.length };
  });
  assert.deepEqual(held, { held: 1, pending: TABS - 1 });
  assert.deepEqual(tabs.flatMap(({ errors }) => errors), []);
});

test("the database of a tab whose wasm traps again and again can be deleted by another", async (t) => {
  const own = cleanup(t);
  const { tabs: [tab] } = await openTabs(own, "database", 1);
  for (let n = 0; n < 3; n += 1) await trap(tab, String(n));
  await tab.untilStored();
  const databases = await tab.run(async () => {
    await window.doc.close();
    return new Promise((resolve) => {
      const request = indexedDB.deleteDatabase("syncline");
      request.onblocked = () => resolve("blocked");
      request.onsuccess = () => resolve("deleted");
    });
  });
  assert.equal(databases, "deleted");
});
