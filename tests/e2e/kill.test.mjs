// A browser that is killed at any moment has, when it is started again, every edit that it had said to be stored.
//
// `KILLS=200 node --test tests/e2e/kill.test.mjs` kills Chromium 200 times, and Firefox a quarter as often.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { setTimeout as passed } from "node:timers/promises";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProfile } from "./lib/profile.mjs";
import { openTab } from "./lib/tab.mjs";

/** How long after an edit the browser is killed. */
const LEFT_MS = 50;

const KILLS = process.env.KILLS ? Number(process.env.KILLS) : 5;
const ROUNDS = { chromium: KILLS, firefox: process.env.KILLS ? Math.ceil(KILLS / 4) : 2 };

let pages;

before(async () => (pages = await servePages()));
after(() => pages?.close());

for (const [kind, kills] of Object.entries(ROUNDS)) {
  test(`${kind}, killed ${LEFT_MS} ms after an edit, has every edit that it had said to be stored`, { timeout: 3_600_000 }, async (t) => {
    const own = cleanup(t);
    const profile = own(await startProfile(kind));
    const promised = new Set();
    const made = new Set();
    let inTime = 0;
    let late = 0;
    let tab = await openDiary(profile);
    for (let round = 1; round <= kills; round++) {
      const told = await killAfterEdit(profile, tab, round);
      told.promised.forEach((edit) => promised.add(edit));
      told.made.forEach((edit) => made.add(edit));
      if (told.promised.length > 0) inTime += 1;

      tab = await openDiary(profile);
      if ((await tab.run(() => window.statuses.length)) > 1) late += 1;
      const text = await tab.text();
      const there = text.split(";").slice(0, -1);
      const where = `after kill ${round}: ${there.slice(-5)}`;
      assert.deepEqual([...promised].filter((edit) => !there.includes(edit)), [], where);
      assert.deepEqual(there.filter((edit) => !made.has(edit)), [], where);
      assert.equal(new Set(there).size, there.length, where);
      assert.equal((await tab.status()).unsynced, text.length, where);
      // What is there once stays.
      there.forEach((edit) => promised.add(edit));
    }
    t.diagnostic(`${kind}: ${kills} kills, ${promised.size} edits there, none lost that was said to be stored`);
    t.diagnostic(`an edit was said to be stored before the kill in ${inTime} rounds; the device was late after it in ${late}`);
  });
}

async function openDiary(profile) {
  const tab = await openTab(profile, pages, "ws://127.0.0.1:9", "diary", { store: true, connect: false, storeTimeout: 60_000 });
  // A browser that has just started may refuse at first; the document is open then, and what is kept comes later.
  await tab.until(() => window.doc.status.store.phase === "ready");
  assert.deepEqual(await tab.run(() => window.problems), []);
  return tab;
}

/**
 * Makes an edit, every second time many in a row, and kills the browser. Resolves with the edits that may have been made
 * and those that were said to be stored before the kill.
 */
async function killAfterEdit(profile, tab, round) {
  let stored = 0;
  tab.page.on("console", (message) => {
    const [word, count] = message.text().split(" ");
    if (word === "stored") stored = Number(count);
  });
  await tab.run(writeDiary, round, round % 2 === 0);
  await passed(LEFT_MS);
  const told = stored;
  await profile.restart();
  const edits = (count) => Array.from({ length: count }, (_, n) => `${round}.${n + 1}`);
  return { promised: edits(told), made: edits(round % 2 === 0 ? 1_000 : 1) };
}

/** Runs in the page: makes edits and tells on the console how many of them are stored, each time that it changes. */
function writeDiary(round, goesOn) {
  let count = 0;
  window.doc.on("status", ({ unstored }) => {
    if (unstored === 0) console.log(`stored ${count}`);
  });
  const write = () => {
    count += 1;
    window.body.insert(window.body.length, `${round}.${count};`);
  };
  write();
  if (goesOn) setInterval(write, 4);
}
