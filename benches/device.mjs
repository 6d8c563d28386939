// Decides what is known of the cost of storing, and of two ways to share a connection between tabs: a tab that leads, as
// shipped, and a SharedWorker that leads instead.
//
// `npm run bench:device` (after a build). Absolute times depend on the machine and its load; the ratios are the result.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "../scripts/lib/run.mjs";
import { serve } from "../scripts/lib/static-server.mjs";
import { startBrowser } from "../tests/e2e/lib/browser.mjs";
import { startServer } from "../tests/e2e/lib/server.mjs";

const ROUNDS = 5;
const KEYSTROKES = 100;
const PAUSE_MS = 20;
const WAYS = ["tab", "worker"];
const DURABILITIES = ["strict", "relaxed"];

const folder = await mkdtemp(path.join(tmpdir(), "syncline-device-"));
const server = await startServer();
const browser = await startBrowser();
let pages;
try {
  const script = `<script type="module" src="/pages/device.js"></script>`;
  await writeFile(path.join(folder, "index.html"), `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${script}`);
  const scripts = path.join(ROOT, "benches", "pages");
  pages = await serve({ folders: { "/pkg/": path.join(ROOT, "pkg"), "/pages/": scripts, "/": folder } });
  const report = describe({ stored: await measureStoring(), shared: await measureSharing() });
  process.stdout.write(report);
  await writeFile(path.join(ROOT, "benches", "DEVICE.md"), report);
} finally {
  await pages?.close();
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

/** Milliseconds from an edit until it is on the device. */
async function measureStoring() {
  const times = Object.fromEntries(DURABILITIES.map((durability) => [durability, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const durability of inTurn(DURABILITIES, round)) {
      const person = await browser.visit(`${pages.url}/`);
      await join(person.page, { room: `stored-${durability}-${round}`, options: { store: { durability } } });
      times[durability].push(...(await person.page.evaluate(([count, pause]) => window.store(count, pause), [KEYSTROKES, PAUSE_MS])));
      await person.close();
    }
    console.error(`storing: round ${round + 1} of ${ROUNDS} done`);
  }
  return times;
}

/** What it costs to share: until the first tab is synced, from a follower's edit to another person, after a tab closed. */
async function measureSharing() {
  const results = Object.fromEntries(WAYS.map((way) => [way, { first: [], edit: [], handover: [] }]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of inTurn(WAYS, round)) {
      const room = `shared-${way}-${round}`;
      const place = { room, worker: way === "worker", options: { store: true } };
      const person = await browser.visit(`${pages.url}/`);
      const other = await browser.visit(`${pages.url}/`);
      await join(other.page, { room, options: { tabs: false } });
      results[way].first.push(await join(person.page, place));
      const second = await person.context.newPage();
      await second.goto(`${pages.url}/`);
      await join(second, place);

      const typed = await second.evaluate(([count, pause]) => window.type(count, pause), [KEYSTROKES, PAUSE_MS]);
      await other.page.waitForFunction((count) => window.seen.length >= count, KEYSTROKES);
      const seen = await other.page.evaluate(() => window.seen);
      results[way].edit.push(...typed.map((at, n) => seen[n] - at));

      // The tab that was there first is gone; the next edit of the other one has to arrive.
      const before = seen.length;
      await person.page.close();
      const [edited] = await second.evaluate(() => window.type(1, 0));
      await other.page.waitForFunction((count) => window.seen.length > count, before);
      results[way].handover.push((await other.page.evaluate(() => window.seen.at(-1))) - edited);
      await Promise.all([person.close(), other.close()]);
    }
    console.error(`sharing: round ${round + 1} of ${ROUNDS} done`);
  }
  return results;
}

async function join(page, place) {
  await page.waitForFunction(() => window.join);
  return page.evaluate((place) => window.join(place), { server: server.url, ...place });
}

function inTurn(things, round) {
  return round % 2 === 0 ? things : things.toReversed();
}

function quantile(times, share) {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function describe({ stored, shared }) {
  const row = (what, [a, b]) => `| ${what} | ${a.toFixed(1)} ms | ${b.toFixed(1)} ms | ×${Number((a / b).toPrecision(2))} |`;
  const storing = (share) => DURABILITIES.map((durability) => quantile(stored[durability], share));
  const sharing = (what, share) => WAYS.map((way) => quantile(shared[way][what], share));
  return `# Device and tabs

Written by \`npm run bench:device\` in headless Chromium: ${ROUNDS} rounds in turn, ${KEYSTROKES} keystrokes each, one server on
loopback. Absolute times depend on the machine: the ratios are the result.

| edit → on the device | strict | relaxed | ratio |
| --- | ---: | ---: | ---: |
${row("median", storing(0.5))}
${row("99th percentile", storing(0.99))}

| tabs of one browser | a tab leads | a SharedWorker leads | ratio |
| --- | ---: | ---: | ---: |
${row("first tab: open → synced, median", sharing("first", 0.5))}
${row("edit in a second tab → observer of another person, median", sharing("edit", 0.5))}
${row("… 99th percentile", sharing("edit", 0.99))}
${row("the first tab closes: next edit → observer of another person, median", sharing("handover", 0.5))}
${row("… the slowest", sharing("handover", 1))}
`;
}
