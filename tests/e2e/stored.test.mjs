// What a device is to keep is there after the page, the browser and the room were left in any way, and is no one else's.

import assert from "node:assert/strict";
import test, { after, before, describe } from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProfile } from "./lib/profile.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { openTab, visitTab } from "./lib/tab.mjs";
import { until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const OFFLINE = { store: true, connect: false };

let server;
let pages;
let rooms = 0;

before(async () => {
  server = await startServer();
  pages = await servePages();
});

after(async () => {
  await pages?.close();
  await server?.close();
});

for (const kind of ["chromium", "firefox"]) {
  describe(`In ${kind}`, () => {
    let profile;
    before(async () => (profile = await startProfile(kind)));
    after(() => profile?.close());

    test("edits made offline outlive a reload and a kill, and are unsynced until a server has them", async (t) => {
      const own = cleanup(t);
      const room = `notes ${(rooms += 1)}`;
      const first = await openTab(profile, pages, server.url, room, OFFLINE);
      await first.write("on a train, ");
      await first.untilStored();
      await first.reload();
      await first.open(server.url, room, OFFLINE);
      assert.equal(await first.text(), "on a train, ");
      assert.equal((await first.status()).unsynced, 12);
      await first.write("in a tunnel");
      await first.untilStored();

      await profile.restart();
      const second = own(await openTab(profile, pages, server.url, room, OFFLINE));
      assert.equal(await second.text(), "on a train, in a tunnel");
      assert.equal((await second.status()).unsynced, 23);
      await second.run(() => window.doc.connect());
      await second.untilSaved();
      const witness = own(await joinWithYjs(server.url, encodeURIComponent(room)));
      assert.equal(witness.body.toString(), "on a train, in a tunnel");

      await second.reload();
      await second.open(server.url, room, OFFLINE);
      assert.equal((await second.status()).unsynced, 0);
      assert.equal(await second.text(), "on a train, in a tunnel");
      assert.deepEqual([...first.errors, ...second.errors], []);
    });
  });
}

describe("On a device", () => {
  let profile;
  before(async () => (profile = await startProfile("chromium")));
  after(() => profile?.close());

  /** The documents that the device keeps in a scope, by name. */
  const stored = (tab, scope) => tab.run((options) => window.syncline.listStored(options), scope === undefined ? {} : { scope });
  const names = async (tab, scope) => (await stored(tab, scope)).map(({ scope, name }) => `${scope}|${name}`).sort();

  test("rooms and scopes do not see each other, and each is listed with its size and can be deleted", async (t) => {
    const own = cleanup(t);
    const tab = own(await visitTab(profile, pages));
    const kept = [
      { room: "a", scope: "ada" },
      { room: "b", scope: "ada" },
      { room: "a", scope: "bob" },
      // Names that would run into each other if they were only put together.
      { room: "a", scope: "ada/a" },
      { room: "own name", scope: "ada", name: "diary" },
    ];
    const openAll = (tab, kept) =>
      tab.run(
        async (url, kept) => {
          window.docs = [];
          for (const { room, scope, name } of kept) {
            const store = name === undefined ? true : { name };
            window.docs.push(await window.syncline.open(url, room, { store, scope, connect: false }));
          }
          return window.docs.map((doc) => doc.text("body").toString());
        },
        server.url,
        kept,
      );
    await openAll(tab, kept);
    await tab.run(async () => {
      for (const [n, doc] of window.docs.entries()) {
        doc.text("body").insert(0, `document ${n} `.repeat(10 ** n));
        await doc.stored();
      }
    });
    const url = (room) => `${server.url}/${room}`;
    const all = [`ada/a|${url("a")}`, "ada|diary", `ada|${url("a")}`, `ada|${url("b")}`, `bob|${url("a")}`];
    assert.deepEqual(await names(tab), all.sort());
    assert.deepEqual(await names(tab, "bob"), [`bob|${url("a")}`]);
    const bytes = Object.fromEntries((await stored(tab, "ada")).map(({ name, bytes }) => [name, bytes]));
    assert(bytes[url("a")] > 10 && bytes[url("a")] < 500, `${bytes[url("a")]} bytes`);
    assert(bytes[url("b")] > 100 && bytes[url("b")] < 1_000, `${bytes[url("b")]} bytes`);
    assert(bytes.diary > 100_000 && bytes.diary < 150_000, `${bytes.diary} bytes`);

    await tab.reload();
    const texts = await openAll(tab, kept);
    assert.deepEqual(texts, kept.map((_, n) => `document ${n} `.repeat(10 ** n)));

    // One by itself, one by its name, then a scope as a whole.
    await tab.run(() => window.docs[1].forget());
    assert.deepEqual(await names(tab), all.filter((name) => name !== `ada|${url("b")}`).sort());
    assert.deepEqual(
      await tab.run(() => window.docs.map((doc) => doc.status.store.phase)),
      ["ready", "forgotten", "ready", "ready", "ready"],
    );
    await tab.reload();
    await tab.run(() => window.syncline.forgetStored({ scope: "ada", name: "diary" }));
    assert.deepEqual(await names(tab, "ada"), [`ada|${url("a")}`]);
    await tab.run(() => window.syncline.forgetStored({ scope: "ada" }));
    assert.deepEqual(await names(tab), [`ada/a|${url("a")}`, `bob|${url("a")}`]);
    await openAll(tab, kept.slice(0, 3));
    const left = await tab.run(() => window.docs.map((doc) => doc.text("body").toString()));
    assert.deepEqual(left, ["", "", "document 2 ".repeat(100)]);
    await tab.run(() => window.syncline.forgetStored({ scope: "bob" }));
    await tab.run(() => window.syncline.forgetStored({ scope: "ada/a" }));
    assert.deepEqual(tab.errors, []);
  });

  test("what is forgotten stays open, and nothing of it is kept any more", async (t) => {
    const own = cleanup(t);
    const tab = own(await openTab(profile, pages, server.url, "secret", OFFLINE));
    await tab.write("burn after reading");
    await tab.untilStored();
    await tab.run(() => window.doc.forget());
    assert.equal(await tab.text(), "burn after reading");
    await tab.write(", and this too");
    await tab.run(() => window.doc.connect());
    await tab.untilSaved();
    const { store, unstored } = await tab.status();
    assert.deepEqual([store, unstored], [{ phase: "forgotten" }, undefined]);
    assert.deepEqual(await tab.run(() => window.rawStore.records()), []);
    assert.deepEqual(await names(tab), []);
    assert.equal(await tab.run(() => window.codeOf(() => window.doc.stored())), "not-stored");
    await tab.reload();
    await tab.open(server.url, "secret", OFFLINE);
    assert.equal(await tab.text(), "");
  });

  test("a document that is not kept leaves nothing behind, and says so where it is asked", async (t) => {
    const own = cleanup(t);
    const tab = own(await openTab(profile, pages, server.url, "passing", {}));
    await tab.write("gone with the tab");
    await tab.untilSaved();
    const { store, unstored } = await tab.status();
    assert.deepEqual([store, unstored], [undefined, undefined]);
    const codes = await tab.run(async () => [
      await window.codeOf(() => window.doc.stored()),
      await window.codeOf(() => window.doc.forget()),
    ]);
    assert.deepEqual(codes, ["not-stored", "not-stored"]);
    assert.deepEqual(await names(tab), []);
  });

  test("two writers of one document that do not know each other lose nothing", async (t) => {
    const own = cleanup(t);
    const alone = { ...OFFLINE, tabs: false };
    const ada = own(await openTab(profile, pages, server.url, "two", alone));
    const bob = own(await openTab(profile, pages, server.url, "two", alone));
    const write = (tab, letter) =>
      tab.run(async (letter) => {
        for (let n = 0; n < 30; n++) {
          window.body.insert(window.body.length, letter);
          // Some at once, some each by itself, and one of them folds its records in the middle of it.
          if (n % 3 === 0) await window.doc.stored();
          if (n === 15 && letter === "a") window.body.insert(0, "a".repeat(300_000));
        }
        await window.doc.stored();
      }, letter);
    await Promise.all([write(ada, "a"), write(bob, "b")]);
    const writers = new Set(await ada.run(async () => (await window.rawStore.records()).map(({ key }) => key[3])));
    assert.equal(writers.size, 2);

    const reader = own(await openTab(profile, pages, server.url, "two", alone));
    const text = await reader.text();
    const count = (letter) => text.split(letter).length - 1;
    assert.deepEqual([count("a"), count("b"), text.length], [300_030, 30, 300_060]);
    assert.equal((await reader.status()).unsynced, 300_060);
    await reader.run(() => window.doc.forget());
  });

  test("what is stored and what the server has come together without doubling anything", async (t) => {
    const own = cleanup(t);
    const proxy = own(await startProxy(server.url));
    const tab = own(await openTab(profile, pages, proxy.url, "met", { store: true, backoffCap: 500 }));
    await tab.write("together ");
    await tab.untilSaved();
    const elsewhere = own(await joinWithYjs(server.url, "met"));
    assert.equal(elsewhere.body.toString(), "together ");
    proxy.goDown();
    await tab.until(() => window.doc.status.phase === "waiting");
    await tab.write("here ");
    await tab.untilStored();
    elsewhere.body.insert(0, "there ");
    await tab.reload();
    await tab.open(proxy.url, "met", { store: true, backoffCap: 500 });
    assert.equal(await tab.text(), "together here ");
    assert.equal((await tab.status()).unsynced, 5);
    proxy.restore();
    await tab.untilText("there together here ");
    await tab.untilSaved();
    await until(() => elsewhere.body.toString() === "there together here ", { sources: [elsewhere.news] });
    await tab.run(() => window.doc.forget());
  });

  test("a large document with a long history is read at once, and its log stays short", async (t) => {
    const own = cleanup(t);
    const options = { connect: false, store: { durability: "relaxed" } };
    const tab = own(await openTab(profile, pages, server.url, "large", options));
    await tab.run(async () => {
      window.body.insert(0, "Es war einmal. ".repeat(200_000));
      for (let n = 0; n < 450; n++) {
        window.body.insert(0, `${n} `);
        await window.doc.stored();
      }
    });
    // It is folded when there is time.
    const records = await tab.run(async () => {
      while ((await window.rawStore.count()) > 200);
      return window.rawStore.count();
    });
    await tab.reload();
    const took = await tab.run(async (url, options) => {
      const since = performance.now();
      await window.openDoc(url, "large", options);
      return performance.now() - since;
    }, server.url, { ...options, storeTimeout: 30_000 });
    const text = await tab.text();
    assert.equal(text.length, 3_000_000 + 10 * 2 + 90 * 3 + 350 * 4);
    assert(text.startsWith("449 448 "));
    t.diagnostic(`${records} records, ${text.length} units: read in ${Math.round(took)} ms`);
    await tab.run(() => window.doc.forget());
  });

  test("a device that does not answer delays nothing for longer than asked, and is merged when it does", async (t) => {
    const own = cleanup(t);
    const tab = own(await openTab(profile, pages, server.url, "slow", OFFLINE));
    await tab.write("kept. ");
    await tab.untilStored();
    const holder = own(await visitTab(profile, pages));
    await holder.run(() => window.rawStore.hold());
    await tab.reload();
    const took = await tab.run(async (url, options) => {
      const since = performance.now();
      await window.openDoc(url, "slow", options);
      return performance.now() - since;
    }, server.url, { ...OFFLINE, storeTimeout: 300 });
    assert(took >= 290 && took < 1_500, `open took ${Math.round(took)} ms`);
    assert.deepEqual((await tab.status()).store, { phase: "loading" });
    assert.equal(await tab.text(), "");
    await tab.write("Written meanwhile. ");
    assert.equal((await tab.status()).unstored, 19);

    await holder.run(() => window.rawStore.release());
    await tab.until(() => window.doc.status.store.phase === "ready" && window.doc.status.unstored === 0);
    const text = await tab.text();
    assert(["kept. Written meanwhile. ", "Written meanwhile. kept. "].includes(text), text);
    assert.equal((await tab.status()).unsynced, text.length);
    await tab.reload();
    await tab.open(server.url, "slow", OFFLINE);
    assert.equal(await tab.text(), text);
    await tab.run(() => window.doc.forget());
    assert.deepEqual([...tab.errors, ...holder.errors], []);
  });
});
