// A browser that is killed at any moment has, when it is started again, every edit that it had said to be stored.
//
// `KILLS=200 node --test tests/e2e/kill.test.mjs` kills Chromium 200 times, and Firefox a quarter as often.
//
// A browser can lose what it had confirmed to be stored, whoever stored it. So that this is not taken for ours, nor ours
// for that, each round also stores a mark in a database of its own. Where marks are lost as well, the loss is the
// browser's; it is counted and said.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import test, { after, before } from "node:test";
import { setTimeout as passed } from "node:timers/promises";
import { cleanup } from "./lib/cleanup.mjs";
import { endsTorn, tear } from "./lib/leveldb.mjs";
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
    const diary = new Diary();
    const seen = { inTime: 0, late: 0, torn: 0, edits: 0, lost: [] };
    let tab = await openDiary(profile);
    for (let round = 1; round <= kills; round++) {
      const told = await killAfterEdit(profile, tab, round);
      diary.note(told);
      if (told.promised.length > 0) seen.inTime += 1;
      if (told.isTorn) seen.torn += 1;

      tab = await openDiary(profile);
      if ((await tab.run(() => window.statuses.length)) > 1) seen.late += 1;
      if (await lacksMarks(tab, diary)) {
        seen.lost.push(round);
        t.diagnostic(`${kind} lost what it had confirmed, of another database as well, after kill ${round}`);
        diary.forget();
      }
      await diary.compare(tab, round);
      seen.edits = Math.max(seen.edits, diary.promised.size);
    }
    t.diagnostic(`${kind}: ${kills} kills, ${seen.edits} edits there, none lost that was said to be stored and that the browser kept`);
    t.diagnostic(`kills after which the browser had lost everything of the site: ${seen.lost.length} (${seen.lost})`);
    t.diagnostic(`an edit was said to be stored before the kill in ${seen.inTime} rounds; the device was late after it in ${seen.late}`);
    t.diagnostic(`the browser died in the middle of a write in ${seen.torn} rounds`);
  });
}

test("chromium, killed in the middle of a write and then again, has what it had said to be stored", { timeout: 600_000 }, async (t) => {
  const own = cleanup(t);
  const profile = own(await startProfile("chromium"));
  const first = await openDiary(profile);
  for (const edit of ["a", "b", "c"]) await store(first, edit);
  await profile.kill();
  const torn = tear(profile.folder);

  await profile.start();
  const second = await openDiary(profile);
  const there = await second.text();
  assert(there.startsWith("ab"), `what stood before the half record is not there: ${there}`);
  await store(second, "d");
  // The disk takes a moment to begin the new file; killed before that, everything is lost.
  const deadline = performance.now() + 60_000;
  while (existsSync(torn) && performance.now() < deadline) await passed(5);
  await profile.restart();

  const third = await openDiary(profile);
  assert.equal(await third.text(), `${there}d`);
});

async function store(tab, edit) {
  await tab.write(edit);
  await tab.untilStored();
}

/** What was written, and what of it has to be there. */
class Diary {
  promised = new Set();
  made = new Set();
  marks = new Set();

  note({ promised, made, mark }) {
    promised.forEach((edit) => this.promised.add(edit));
    made.forEach((edit) => this.made.add(edit));
    this.marks.add(mark);
  }

  /** The browser has nothing of it. */
  forget() {
    this.promised.clear();
    this.marks.clear();
  }

  /** Compares with what is there. */
  async compare(tab, round) {
    const text = await tab.text();
    const there = text.split(";").slice(0, -1);
    const where = `after kill ${round}: ${there.slice(-5)}`;
    assert.deepEqual([...this.promised].filter((edit) => !there.includes(edit)), [], where);
    assert.deepEqual(there.filter((edit) => !this.made.has(edit)), [], where);
    assert.equal(new Set(there).size, there.length, where);
    assert.equal((await tab.status()).unsynced, text.length, where);
    // What is there once stays.
    there.forEach((edit) => this.promised.add(edit));
  }
}

async function lacksMarks(tab, { marks }) {
  const there = await tab.run(() => window.rawStore.marks());
  return [...marks].some((mark) => !there.includes(mark));
}

async function openDiary(profile) {
  const tab = await openTab(profile, pages, "ws://127.0.0.1:9", "diary", { store: true, connect: false, storeTimeout: 60_000 });
  // A browser that has just started may refuse at first; the document is open then, and what is kept comes later.
  await tab.until(() => window.doc.status.store.phase === "ready");
  assert.deepEqual(await tab.run(() => window.problems), []);
  return tab;
}

/**
 * Stores a mark, makes an edit, every second time many in a row, and kills the browser. Resolves with the edits that may
 * have been made, those that were said to be stored before the kill, and whether the browser was writing at that moment.
 */
async function killAfterEdit(profile, tab, round) {
  let stored = 0;
  await tab.run((round) => window.rawStore.mark(round), round);
  tab.page.on("console", (message) => {
    const [word, count] = message.text().split(" ");
    if (word === "stored") stored = Number(count);
  });
  await tab.run(writeDiary, round, round % 2 === 0);
  await passed(LEFT_MS);
  const told = stored;
  await profile.kill();
  const isTorn = profile.kind === "chromium" && endsTorn(profile.folder);
  await profile.start();
  const edits = (count) => Array.from({ length: count }, (_, n) => `${round}.${n + 1}`);
  return { promised: edits(told), made: edits(round % 2 === 0 ? 1_000 : 1), mark: round, isTorn };
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
