// The browser asks before a page is left whose edits are not safe, on the level that the application chose, and at no other time.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProfile } from "./lib/profile.mjs";
import { startServer } from "./lib/server.mjs";
import { openTab, textOnDevice, visitTab } from "./lib/tab.mjs";

const STORED = { store: true, backoffCap: 500 };
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

const newRoom = () => `asking-${(rooms += 1)}`;

/** Where a tab goes that is left: another page of the same site. */
const elsewhere = () => `${pages.url}/pages/raw-store.js`;

/** Tries to leave the page, makes `edit` of it in the same task, and stays if asked: whether the browser asked. */
async function isAsked(tab, edit = "") {
  const { page } = tab;
  const outcome = new Promise((resolve) => {
    const finish = (answer) => {
      page.off("dialog", handleDialog);
      page.off("framenavigated", handleLeft);
      resolve(answer);
    };
    const handleDialog = (dialog) => dialog.dismiss().then(() => finish(dialog.type() === "beforeunload"));
    const handleLeft = () => finish(false);
    page.on("dialog", handleDialog);
    page.on("framenavigated", handleLeft);
  });
  await tab.writeAndLeave(edit, elsewhere());
  return outcome;
}

/** Opens a tab in which somebody has clicked: browsers ask nobody else. */
async function openClicked(own, url, room, options) {
  const tab = own(await openTab(profile, pages, url, room, options));
  await tab.show();
  await tab.page.mouse.click(10, 10);
  return tab;
}

test("the browser asks before edits are left that the server does not hold, if it is to, and not once they are saved", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const options = { ...OFFLINE, warnBeforeUnload: "unsynced" };
  const tab = await openClicked(own, server.url, room, options);
  await tab.write("an edit");
  await tab.untilStored();
  assert.equal(await isAsked(tab), true);
  assert.equal(await isAsked(tab, ", and one in the same task"), true);
  assert.equal(await tab.text(), "an edit, and one in the same task");
  await tab.run(() => window.doc.connect());
  await tab.untilSaved();
  assert.equal(await isAsked(tab), false);
  assert.deepEqual(tab.errors, []);
});

test("the browser asks at once in a document that was unsynced when it was opened, and not after it is closed", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const options = { ...OFFLINE, warnBeforeUnload: "unsynced" };
  const before = own(await openTab(profile, pages, server.url, room, OFFLINE));
  await before.write("of an earlier visit");
  await before.close();
  const tab = await openClicked(own, server.url, room, options);
  assert.equal((await tab.status()).unsynced, 19);
  assert.equal(await isAsked(tab), true);
  await tab.run(() => window.doc.close());
  assert.equal(await isAsked(tab), false);
});

test("the browser asks nothing where it is not to", async (t) => {
  const own = cleanup(t);
  const tab = await openClicked(own, server.url, newRoom(), { connect: false });
  await tab.write("lost");
  assert.equal(await isAsked(tab), false);
});

test("the browser asks before edits are left that are neither on the device nor on the server, if it is to", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const tab = await openClicked(own, server.url, room, { ...OFFLINE, warnBeforeUnload: "unstored" });
  await tab.write("stored.");
  await tab.untilStored();
  const holder = own(await visitTab(profile, pages));
  await holder.run(() => window.rawStore.hold());
  await tab.show();
  await tab.write("not stored.");
  assert.equal(await isAsked(tab), true);
  await holder.run(() => window.rawStore.release());
  await tab.untilStored();
  assert((await tab.status()).unsynced > 0);
  assert.equal(await isAsked(tab), false);
  assert.equal(await textOnDevice(own, profile, pages, server.url, room), "stored.not stored.");
});

test("the browser does not ask about edits that the server holds, although the device does not", async (t) => {
  const own = cleanup(t);
  const room = newRoom();
  const tab = await openClicked(own, server.url, room, { ...STORED, warnBeforeUnload: "unstored" });
  await tab.write("stored.");
  await tab.untilStored();
  const holder = own(await visitTab(profile, pages));
  await holder.run(() => window.rawStore.hold());
  await tab.show();
  await tab.write("on the server.");
  await tab.untilSaved();
  assert.equal(await isAsked(tab), false);
  await holder.run(() => window.rawStore.release());
});

test("the browser asks about all edits that the server does not hold where the device keeps none", async (t) => {
  const own = cleanup(t);
  const tab = await openClicked(own, server.url, newRoom(), { connect: false, warnBeforeUnload: "unstored" });
  await tab.write("only here");
  assert.equal(await isAsked(tab), true);
  await tab.run(() => window.doc.connect());
  await tab.untilSaved();
  assert.equal(await isAsked(tab), false);
});
