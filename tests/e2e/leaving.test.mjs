// A page that is left, in whatever way, takes nothing with it, is seen no more, and is in step again when it comes back.

import assert from "node:assert/strict";
import test, { after, before, describe } from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProfile } from "./lib/profile.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { goes, openTab, textOnDevice, visitTab } from "./lib/tab.mjs";
import { events, until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const STORED = { store: true, backoffCap: 500 };
const OFFLINE = { store: true, connect: false };

/** What Chromium calls it when it gives up a page that was left because of what another one does. */
const EVICTED = "IgnoreEventAndEvict";

/** How often a test is begun anew: once in eighty times it has to be. */
const MOST_EVICTIONS = 3;

/**
 * How often a tab may close itself before its edit was stored: Chromium rolls back what a page that is gone has committed but
 * it has not written yet. Once in 300 times it has not, with both cores busy.
 */
const MOST_ROLLED_BACK = 2;

/** The browser gave up a page that was left. */
class Evicted extends Error {
  message = `the page was given up by the browser: ${EVICTED}`;
}

/** How long others may show somebody who has left. */
const GONE_MS = 15_000;

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

const newRoom = () => `leaving-${(rooms += 1)}`;

/** Where a tab goes that is left: another page of the same site. */
const elsewhere = () => `${pages.url}/pages/raw-store.js`;

/** Writes `text` and leaves the page in one task; resolves when another page is there. */
async function writeAndGo(tab, text) {
  const gone = tab.page.waitForNavigation();
  await tab.writeAndLeave(text, elsewhere());
  await gone;
}

const kept = (own, profile, room) => textOnDevice(own, profile, pages, server.url, room);

for (const kind of ["chromium", "firefox"]) {
  describe(`In ${kind}`, () => {
    let profile;
    before(async () => (profile = await startProfile(kind)));
    after(() => profile?.close());

    test("an edit made in the task in which the page is left is stored", async (t) => {
      const own = cleanup(t);
      const room = newRoom();
      const tab = own(await openTab(profile, pages, server.url, room, OFFLINE));
      await tab.write("before, ");
      await writeAndGo(tab, "in the same task");
      assert.equal(await kept(own, profile, room), "before, in the same task");
      assert.deepEqual(tab.errors, []);
    });

    test("the very first edit of a document is stored when the page is left in the same task", async (t) => {
      const own = cleanup(t);
      const room = newRoom();
      const tab = own(await openTab(profile, pages, server.url, room, OFFLINE));
      await writeAndGo(tab, "only this");
      assert.equal(await kept(own, profile, room), "only this");
    });

    test("an edit made while another is being written is stored when the page is left in the same task", async (t) => {
      const own = cleanup(t);
      const room = newRoom();
      const tab = own(await openTab(profile, pages, server.url, room, OFFLINE));
      const gone = tab.page.waitForNavigation();
      await goes(
        tab.run(async (url) => {
          window.body.insert(0, "under way, ".repeat(10_000));
          // The end of the task, at which it is handed to the browser.
          await new Promise((resolve) => setTimeout(resolve));
          window.body.insert(window.body.length, "and then");
          location.href = url;
        }, elsewhere()),
      );
      await gone;
      assert.equal(await kept(own, profile, room), `${"under way, ".repeat(10_000)}and then`);
    });

    test("an edit made by a listener of the application that is told that the page is left is stored", async (t) => {
      const own = cleanup(t);
      const room = newRoom();
      const tab = own(await openTab(profile, pages, server.url, room, OFFLINE));
      await tab.write("before, ");
      await tab.untilStored();
      // It listens later than Syncline, and so is told later.
      await tab.run(() => addEventListener("pagehide", () => window.body.insert(window.body.length, "at pagehide")));
      await writeAndGo(tab, "before it, ");
      assert.equal(await kept(own, profile, room), "before, before it, at pagehide");
      assert.deepEqual(tab.errors, []);
    });

    test("an edit made before the tab is closed is stored", async (t) => {
      const own = cleanup(t);
      const room = newRoom();
      const tab = own(await openTab(profile, pages, server.url, room, OFFLINE));
      await tab.write("to the last ");
      // What waits behind a write that is under way is begun when the page is told to go, and Firefox may close it before.
      await tab.untilStored();
      await tab.write("letter");
      await tab.close();
      assert.equal(await kept(own, profile, room), "to the last letter");
    });

    test("a page without a connection is kept for going back to it, and stores what is written then", async (t) => {
      const own = cleanup(t);
      const room = newRoom();
      const tab = own(await openTab(profile, pages, server.url, room, OFFLINE));
      await tab.write("before, ");
      assert.equal(await tab.away(elsewhere()), true);
      await tab.write("after");
      await tab.untilStored();
      assert.equal(await kept(own, profile, room), "before, after");
      assert.deepEqual(tab.errors, []);
    });

    test("a page with a connection is in step when it is gone back to, whether it was kept or is loaded again", async (t) => {
      const own = cleanup(t);
      const room = newRoom();
      const witness = own(await joinWithYjs(server.url, room));
      const tab = own(await openTab(profile, pages, server.url, room, STORED));
      await tab.untilSaved();
      await tab.write("before, ");
      const wasKept = await tab.away(elsewhere(), async () => {
        await witness.shows("before, ");
        witness.body.insert(witness.body.length, "meanwhile, ");
      });
      // Firefox keeps no page that has a socket, and decides that before the page is told to leave.
      assert.equal(wasKept, kind === "chromium" || undefined);
      if (!wasKept) await tab.open(server.url, room, STORED);
      await tab.untilText("before, meanwhile, ");
      await tab.write("after");
      await tab.untilSaved();
      await tab.untilStored();
      await witness.shows("before, meanwhile, after");
      assert.deepEqual(tab.errors, []);
    });
  });
}

describe("In a browser", () => {
  let profile;
  before(async () => (profile = await startProfile("chromium")));
  after(() => profile?.close());

  /** Opens `count` tabs on a new room, the first of which leads, each able to tell that it was kept for going back. */
  async function openTabs(own, count, options = STORED) {
    const room = newRoom();
    const proxy = own(await startProxy(server.url));
    const tabs = [];
    for (let n = 0; n < count; n++) {
      const tab = own(await visitTab(profile, pages, () => {
        window.returns = 0;
        addEventListener("pageshow", ({ persisted }) => (window.returns += Number(persisted)));
      }));
      await tab.open(proxy.url, room, options);
      await tab.untilSaved();
      tabs.push(tab);
    }
    const witness = own(await joinWithYjs(server.url, room));
    return { room, proxy, tabs, witness };
  }

  /** Leaves the page, in front of the others as a person does. */
  async function go(tab) {
    await tab.show();
    await tab.visit(elsewhere());
  }

  /** Goes back to the page, which was kept as it was. */
  async function goBack(tab) {
    const before = tab.returns ?? 0;
    const browser = await tab.page.createCDPSession();
    const reasons = [];
    browser.on("Page.backForwardCacheNotUsed", (event) => {
      reasons.push(...event.notRestoredExplanations.map(({ reason }) => reason));
    });
    await browser.send("Page.enable");
    await tab.page.goBack();
    await browser.detach();
    tab.returns = await tab.run(() => window.returns);
    if (String(reasons) === EVICTED) throw new Evicted();
    assert.equal(tab.returns, before + 1, `the page was kept for going back (${reasons})`);
  }

  /**
   * A test that goes back to pages, begun anew when Chromium gave one of them up: it does so when another tab wants the
   * database while the last record of the page that was left is still being written. A page that prevents its being kept
   * has other reasons, and fails.
   */
  function goingBack(body) {
    return async (t) => {
      for (let left = MOST_EVICTIONS; ; left--) {
        try {
          return await body(t);
        } catch (error) {
          if (!(error instanceof Evicted) || left === 0) throw error;
          t.diagnostic("Chromium gave up a page that was left: begun anew");
        }
      }
    };
  }

  /** Resolves when exactly those of `names` are seen by a client of others. */
  function seen({ provider: { awareness } }, ...names) {
    const states = () => [...awareness.getStates().values()].flatMap(({ name }) => name ?? []).sort();
    return until(() => String(states()) === String(names), { sources: [events(awareness, "change")], state: states, deadline: GONE_MS });
  }

  /**
   * Writes into a document of a new tab that closes itself in the same task; resolves with what the device has of it, and
   * with whether the tab had it handed to the browser before it was gone.
   */
  async function writeAndClose(own, text) {
    const room = newRoom();
    // Only what a page has opened may close itself.
    const opener = own(await visitTab(profile, pages));
    const opened = new Promise((resolve) => opener.page.once("popup", resolve));
    await opener.run((url) => void window.open(url), pages.bare);
    const page = await opened;
    await page.waitForFunction(() => window.openDoc);
    await page.evaluate((...args) => window.openDoc(...args), server.url, room, OFFLINE);
    const closed = new Promise((resolve) => page.once("close", resolve));
    void goes(
      page.evaluate((text) => {
        const { commit } = IDBTransaction.prototype;
        IDBTransaction.prototype.commit = function () {
          commit.call(this);
          window.opener.wasHandedOver = true;
        };
        window.body.insert(0, text);
        window.close();
      }, text),
    );
    await closed;
    return { stored: await kept(own, profile, room), wasHandedOver: await opener.run(() => window.wasHandedOver) };
  }

  test("an edit made in the task in which a tab closes itself is stored", async (t) => {
    for (let left = MOST_ROLLED_BACK; ; left--) {
      const { stored, wasHandedOver } = await writeAndClose(cleanup(t), "last words");
      assert.equal(wasHandedOver, true);
      if (stored === "last words" || left === 0) return assert.equal(stored, "last words");
      t.diagnostic("Chromium rolled back a transaction that was to be committed: begun anew");
    }
  });

  test("an edit made in the task in which a tab is left is stored and reaches everybody, whether the tab leads or follows", async (t) => {
    const own = cleanup(t);
    const { tabs: [leader, follower, rest], witness, proxy } = await openTabs(own, 3);
    await writeAndGo(follower, "of one that follows;");
    await witness.shows("of one that follows;");
    await rest.untilText("of one that follows;");
    await writeAndGo(leader, "of one that leads;");
    await witness.shows("of one that follows;of one that leads;");
    await rest.untilLeading();
    await rest.untilText("of one that follows;of one that leads;");
    await rest.untilSaved();
    await rest.untilStored();
    await rest.run(() => window.doc.disconnect());
    const reader = own(await openTab(profile, pages, proxy.url, `leaving-${rooms}`, { ...OFFLINE, tabs: false }));
    assert.equal(await reader.text(), "of one that follows;of one that leads;");
    assert.deepEqual(rest.errors, []);
  });

  test("a page that is gone back to is in step again", goingBack(async (t) => {
    const own = cleanup(t);
    const { tabs: [tab], witness, proxy } = await openTabs(own, 1);
    await tab.write("before;");
    await witness.shows("before;");
    await go(tab);
    await until(() => proxy.connections.length === 0, { sources: [events(proxy, "closed")] });
    witness.body.insert(7, "meanwhile;");
    await goBack(tab);
    await tab.untilText("before;meanwhile;");
    await tab.untilLeading();
    await tab.untilSaved();
    await tab.write("after;");
    await witness.shows("before;meanwhile;after;");
    await tab.untilStored();
    assert.deepEqual((await tab.status()).store, { phase: "ready" });
    assert.equal(proxy.connections.length, 1);
    // Not only once.
    await go(tab);
    await goBack(tab);
    await tab.write("again;");
    await witness.shows("before;meanwhile;after;again;");
    await tab.untilStored();
    assert.deepEqual(tab.errors, []);
  }));

  test("a page that is gone back to follows the tab that has led meanwhile", goingBack(async (t) => {
    const own = cleanup(t);
    const { room, tabs: [first, second], witness, proxy } = await openTabs(own, 2);
    await first.write("before;");
    await second.untilText("before;");
    await go(first);
    await second.show();
    await second.untilLeading();
    await second.untilSaved();
    await second.write("meanwhile;");
    await witness.shows("before;meanwhile;");
    await first.show();
    await goBack(first);
    await first.untilFollowing();
    await first.untilText("before;meanwhile;");
    await first.write("after;");
    const text = "before;meanwhile;after;";
    await witness.shows(text);
    await second.untilText(text);
    for (const tab of [first, second]) {
      await tab.untilSaved();
      await tab.untilStored();
      assert.deepEqual((await tab.status()).store, { phase: "ready" });
    }
    assert.equal(proxy.connections.length, 1);
    await second.close();
    await first.untilLeading();
    await first.untilSaved();
    await first.write("alone;");
    await witness.shows(`${text}alone;`);
    await first.untilStored();
    const reader = own(await openTab(profile, pages, proxy.url, room, { ...OFFLINE, tabs: false }));
    assert.equal(await reader.text(), `${text}alone;`);
    assert.deepEqual([...first.errors, ...second.errors], []);
  }));

  test("what was written offline before a page was left is there after going back, and goes out", goingBack(async (t) => {
    const own = cleanup(t);
    const { tabs: [tab], witness, proxy } = await openTabs(own, 1);
    proxy.goDown();
    await tab.until(() => window.doc.status.phase === "waiting");
    await tab.write("without a network");
    await go(tab);
    await goBack(tab);
    assert.equal(await tab.text(), "without a network");
    assert.equal((await tab.status()).unsynced, 17);
    await tab.untilStored();
    proxy.restore();
    await tab.untilSaved();
    await witness.shows("without a network");
    assert.deepEqual(tab.errors, []);
  }));

  test("who leaves a page is seen no more, and seen again on coming back, whether the tab leads or follows", goingBack(async (t) => {
    const own = cleanup(t);
    const { tabs: [leader, follower], witness } = await openTabs(own, 2);
    await leader.run(() => window.doc.presence.set({ name: "leader" }));
    await follower.run(() => window.doc.presence.set({ name: "two" }));
    await seen(witness, "leader", "two");
    await go(follower);
    await seen(witness, "leader");
    await goBack(follower);
    await seen(witness, "leader", "two");
    await go(leader);
    await seen(witness, "two");
    await goBack(leader);
    await seen(witness, "leader", "two");
    await go(leader);
    await go(follower);
    await seen(witness);
    await goBack(follower);
    await seen(witness, "two");
  }));
});
