// Whatever goes wrong with the device is told by its name and stops nothing, and the device has everything again when it can.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test, { after, before } from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProfile } from "./lib/profile.mjs";
import { startServer } from "./lib/server.mjs";
import { openTab, visitTab } from "./lib/tab.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const STORED = { store: true };
const OFFLINE = { store: true, connect: false };

let server;
let pages;
let profile;
let rooms = 0;

before(async () => {
  server = await startServer();
  pages = await servePages();
  profile = await startProfile("chromium");
});

after(async () => {
  await profile?.close();
  await pages?.close();
  await server?.close();
});

const newRoom = () => `trouble-${(rooms += 1)}`;

/** Resolves when the device fails with `code`. */
function untilFailed(tab, code) {
  return tab.until((wanted) => {
    const { phase, reason } = window.doc.status.store;
    return phase === "failed" && reason.code === wanted && reason;
  }, code);
}

function untilHealed(tab) {
  return tab.until(() => window.doc.status.store.phase === "ready" && window.doc.status.unstored === 0);
}

/** Resolves when a client of others has the same text, by way of the server. */
async function untilServed(own, room, tab) {
  await tab.untilSaved();
  const witness = own(await joinWithYjs(server.url, room));
  const text = await tab.text();
  await witness.shows(text);
}

/** What is there of a room after a reload, without the server. */
async function reopened(tab, room) {
  await tab.reload();
  await tab.open(server.url, room, OFFLINE);
  const { store, unsynced } = await tab.status();
  return { text: await tab.text(), store, unsynced, problems: await tab.run(() => window.problems) };
}

test("a site that may store no more says so, goes on syncing, and stores everything when it may", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const tab = own(await visitTab(profile, pages));
  const devtools = await tab.devtools();
  const origin = new URL(pages.url).origin;
  // Before the database is opened: Chromium remembers for a while how much it may take. It counts what is compressed.
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 20_000 });
  own(devtools, () => devtools.send("Storage.overrideQuotaForOrigin", { origin }));
  await tab.open(server.url, room, STORED);
  await tab.write("small. ");
  await tab.untilStored();
  await tab.write(randomBytes(100_000).toString("base64"));
  const reason = await untilFailed(tab, "store-quota");
  assert.match(reason.message, /\w{3}/);
  assert((await tab.status()).unstored >= 130_000);
  await untilServed(own, room, tab);
  await tab.write("Written without room. ");
  await untilServed(own, room, tab);
  assert((await tab.status()).unstored > 0);

  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  await untilHealed(tab);
  await tab.untilSaved();
  const text = await tab.text();
  assert.deepEqual(await reopened(tab, room), { text, store: { phase: "ready" }, unsynced: 0, problems: [] });
  assert.deepEqual(tab.errors, []);
});

test("a site whose data is cleared in the middle of it writes everything again", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const tab = own(await openTab(profile, pages, server.url, room, STORED));
  await tab.write("held by the server. ");
  await tab.untilSaved();
  await tab.run(() => window.doc.disconnect());
  await tab.write("only here. ");
  await tab.untilStored();
  const devtools = await tab.devtools();
  await devtools.send("Storage.clearDataForOrigin", { origin: new URL(pages.url).origin, storageTypes: "all" });
  await tab.until(() => window.statuses.some(({ store }) => store.reason?.code === "store-closed"));
  await tab.write("and this.");
  await untilHealed(tab);
  const text = "held by the server. only here. and this.";
  assert.deepEqual(await reopened(tab, room), { text, store: { phase: "ready" }, unsynced: 20, problems: [] });
  await tab.run(() => window.doc.connect());
  await untilServed(own, room, tab);
  assert.deepEqual(tab.errors, []);
});

/** What runs in a page before it loads, so that IndexedDB cannot be used until `window.allow()`. */
const DENIALS = {
  "there is no IndexedDB": () => {
    const own = Object.getOwnPropertyDescriptor(window, "indexedDB") ?? Object.getOwnPropertyDescriptor(Window.prototype, "indexedDB");
    Object.defineProperty(window, "indexedDB", { value: undefined, configurable: true });
    window.allow = () => Object.defineProperty(window, "indexedDB", own);
  },
  "IndexedDB may not be looked at": () => {
    const own = Object.getOwnPropertyDescriptor(window, "indexedDB") ?? Object.getOwnPropertyDescriptor(Window.prototype, "indexedDB");
    const get = () => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    };
    Object.defineProperty(window, "indexedDB", { get, configurable: true });
    window.allow = () => Object.defineProperty(window, "indexedDB", own);
  },
  "IndexedDB may not be opened": () => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = () => {
      throw new DOMException("Access is denied.", "SecurityError");
    };
    window.allow = () => (IDBFactory.prototype.open = open);
  },
  "IndexedDB fails to open, as in private windows of old": () => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = () => {
      const request = new EventTarget();
      request.error = new DOMException("A mutation operation was attempted.", "InvalidStateError");
      queueMicrotask(() => request.dispatchEvent(new Event("error", { cancelable: true })));
      return request;
    };
    window.allow = () => (IDBFactory.prototype.open = open);
  },
};

for (const [what, deny] of Object.entries(DENIALS)) {
  test(`where ${what}, a document opens at once, says so and syncs, and is stored once it can be`, async (t) => {
    const own = cleanup(t);
    const room = newRoom();
    const tab = own(await visitTab(profile, pages, deny));
    const took = await tab.run(
      async (url, room) => {
        const since = performance.now();
        await window.openDoc(url, room, { store: true, storeTimeout: 60_000 });
        return performance.now() - since;
      },
      server.url,
      room,
    );
    assert(took < 1_000, `open took ${Math.round(took)} ms`);
    await untilFailed(tab, "store-unavailable");
    await tab.write("not kept, yet");
    await untilServed(own, room, tab);
    assert.equal((await tab.status()).unstored, 13);
    await tab.run(() => window.allow());
    await untilHealed(tab);
    const reader = own(await openTab(profile, pages, server.url, room, { ...OFFLINE, tabs: false }));
    assert.equal(await reader.text(), "not kept, yet");
    assert.deepEqual([...tab.errors, ...reader.errors], []);
  });
}

test("a database of a newer version is left alone, and one that goes away makes place for ours", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const tab = own(await openTab(profile, pages, server.url, room, STORED));
  await tab.write("by this version. ");
  await tab.untilStored();
  // Another tab with a newer version of the program is not kept waiting by this one.
  const newer = own(await visitTab(profile, pages));
  await newer.run(() => window.rawStore.raise(2));
  await untilFailed(tab, "store-newer");
  await tab.write("with a newer one beside it. ");
  await untilServed(own, room, tab);
  await tab.reload();
  await tab.open(server.url, room, STORED);
  await untilFailed(tab, "store-newer");
  await untilServed(own, room, tab);
  assert.equal(await newer.run(() => indexedDB.databases().then(([{ version }]) => version)), 2);

  await newer.run(() => {
    window.rawStore.release();
    return window.rawStore.delete();
  });
  await untilHealed(tab);
  const text = "by this version. with a newer one beside it. ";
  assert.deepEqual(await reopened(tab, room), { text, store: { phase: "ready" }, unsynced: 0, problems: [] });
  assert.deepEqual([...tab.errors, ...newer.errors], []);
});

test("a database that another tab keeps from being opened is waited for, and the document is open meanwhile", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const holder = own(await openTab(profile, pages, server.url, newRoom(), OFFLINE));
  await holder.write("something");
  await holder.untilStored();
  // It does not make way, and so whoever wants a newer version is told that it is blocked.
  await holder.run(() => window.rawStore.raise(1));
  const asNewer = () => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (name, version) {
      return open.call(this, name, version && version + window.ahead);
    };
    window.ahead = 1;
  };
  const tab = own(await visitTab(profile, pages, asNewer));
  await tab.open(server.url, room, STORED);
  await untilFailed(tab, "store-blocked");
  await tab.write("blocked");
  await untilServed(own, room, tab);
  assert.equal((await tab.status()).unstored, 7);
  await tab.run(() => (window.ahead = 0));
  await holder.run(() => window.rawStore.release());
  // What was blocked is done after all, and makes the database newer; it has to go before ours can be.
  await tab.run(() => window.rawStore.delete());
  await untilHealed(tab);
  const reader = own(await openTab(profile, pages, server.url, room, { ...OFFLINE, tabs: false }));
  assert.equal(await reader.text(), "blocked");
});

test("a database that waits to be deleted gives no answer, which delays nothing for longer than asked, and is made anew", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const maker = own(await openTab(profile, pages, server.url, newRoom(), OFFLINE));
  await maker.write("something");
  await maker.untilStored();
  const holder = own(await visitTab(profile, pages));
  await holder.run(() => window.rawStore.raise(1));
  await maker.close();
  await holder.run(
    () => new Promise((resolve) => (indexedDB.deleteDatabase("syncline").onblocked = resolve)),
  );
  const tab = own(await visitTab(profile, pages));
  const took = await tab.run(
    async (url, room) => {
      const since = performance.now();
      await window.openDoc(url, room, { store: true, storeTimeout: 300 });
      return performance.now() - since;
    },
    server.url,
    room,
  );
  assert(took >= 290 && took < 1_500, `open took ${Math.round(took)} ms`);
  assert.deepEqual((await tab.status()).store, { phase: "loading" });
  await tab.write("meanwhile");
  await untilServed(own, room, tab);
  assert.equal((await tab.status()).unstored, 9);
  await holder.run(() => window.rawStore.release());
  await untilHealed(tab);
  assert.deepEqual(await reopened(tab, room), { text: "meanwhile", store: { phase: "ready" }, unsynced: 0, problems: [] });
  assert.deepEqual([...tab.errors, ...holder.errors], []);
});

/** What a broken record may hold. */
const GARBAGE = {
  "other bytes": (value) => value.map((byte, n) => (n === 3 ? byte ^ 0x55 : byte)),
  "half of its bytes": (value) => value.slice(0, value.length / 2),
  "a text": () => "nonsense",
};

for (const [what, spoil] of Object.entries(GARBAGE)) {
  test(`a record that holds ${what} is told as a problem, is replaced, and the server has what was in it`, async (t) => {
    const own = cleanup(t);
    const room = newRoom();
    const scope = `spoilt by ${what}`;
    const tab = own(await openTab(profile, pages, server.url, room, { ...STORED, scope }));
    for (const words of ["first. ", "second. ", "third. "]) {
      await tab.write(words);
      await tab.untilStored();
    }
    await tab.untilSaved();
    await tab.close();
    const other = own(await visitTab(profile, pages));
    await other.run(
      async (scope, spoil) => {
        const records = (await window.rawStore.records()).filter(({ key }) => key[0] === scope);
        // The first with changes: all that follow build on it.
        const { key, value } = records.find(({ value }) => value.length > 30);
        await window.rawStore.replace(key, new Function("value", `return (${spoil})(value)`)(value));
      },
      scope,
      String(spoil),
    );
    const whole = "first. second. third. ";
    await other.open(server.url, room, { ...STORED, scope });
    await other.until(() => window.problems.some(({ code, message }) => code === "store-corrupt" && /\w{3}/.test(message)));
    await other.untilText(whole);
    await other.untilSaved();
    await untilHealed(other);
    await other.run(() => window.doc.stored());
    await other.reload();
    await other.open(server.url, room, { ...OFFLINE, scope });
    assert.equal(await other.text(), whole);
    assert.deepEqual(await other.run(() => [window.problems, window.doc.status.store]), [[], { phase: "ready" }]);
    assert.deepEqual([...tab.errors, ...other.errors], []);
  });
}

test("without a server, one broken record takes nothing with it but what was in it", async (t) => {
  const own = cleanup(t);
  const [room, scope] = [newRoom(), "broken end"];
  const tab = own(await openTab(profile, pages, server.url, room, { ...OFFLINE, scope }));
  for (const words of ["first. ", "second. ", "third. "]) {
    await tab.write(words);
    await tab.untilStored();
  }
  await tab.reload();
  await tab.run(async (scope) => {
    const records = (await window.rawStore.records()).filter(({ key }) => key[0] === scope);
    await window.rawStore.replace(records.at(-1).key, new Uint8Array(100));
  }, scope);
  await tab.open(server.url, room, { ...OFFLINE, scope });
  await tab.until(() => window.problems.some(({ code }) => code === "store-corrupt"));
  assert.equal(await tab.text(), "first. second. ");
  await tab.write("fourth. ");
  await untilHealed(tab);
  await tab.reload();
  await tab.open(server.url, room, { ...OFFLINE, scope });
  assert.equal(await tab.text(), "first. second. fourth. ");
  assert.deepEqual(await tab.run(() => window.problems), []);
  await tab.run(() => window.doc.connect());
  await untilServed(own, room, tab);
});
