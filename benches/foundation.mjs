// Decides what the README says about speed and size: Syncline beside yjs + y-websocket, in turn, in one run.
//
// `npm run bench` (after a build). Absolute times depend on the machine and its load; the ratios are the result.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "../scripts/lib/run.mjs";
import { measure } from "../scripts/lib/sizes.mjs";
import { serve } from "../scripts/lib/static-server.mjs";
import { startBrowser } from "../tests/e2e/lib/browser.mjs";
import { startServer } from "../tests/e2e/lib/server.mjs";

const ROUNDS = 5;
const KEYSTROKES = 200;
const PAUSE_MS = 20;
const BURST = 1_000;
const CLIENTS = ["syncline", "yjs"];

const folder = await mkdtemp(path.join(tmpdir(), "syncline-bench-"));
const server = await startServer();
const browser = await startBrowser();
let pages;
try {
  await bundle(folder);
  pages = await serve({ folders: { "/pkg/": path.join(ROOT, "pkg"), "/": folder }, json: {} });
  const latency = await measureLatency();
  const burst = await measureBurst();
  const report = describe({ latency, burst, sizes: await measureSizes() });
  process.stdout.write(report);
  await writeFile(path.join(ROOT, "benches", "RESULTS.md"), report);
} finally {
  await pages?.close();
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

/** Makes a page for each client; Syncline's package is loaded as it ships, not bundled. */
async function bundle(outdir) {
  await build({
    entryPoints: CLIENTS.map((client) => path.join(ROOT, "benches", "pages", `${client}.js`)),
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    external: ["/pkg/*"],
  });
  for (const client of CLIENTS) {
    const script = `<script type="module" src="/${client}.js"></script>`;
    await writeFile(path.join(outdir, `${client}.html`), `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${script}`);
  }
}

async function join(client, room) {
  const visitor = await browser.visit(`${pages.url}/${client}.html`);
  await visitor.page.waitForFunction(() => window.join);
  await visitor.page.evaluate(([url, name]) => window.join(url, name), [server.url, room]);
  return visitor;
}

/** Milliseconds from an edit on one page to the observer on the other, for every keystroke of every round. */
async function measureLatency() {
  const times = Object.fromEntries(CLIENTS.map((client) => [client, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const client of inTurn(round)) {
      const room = `latency-${client}-${round}`;
      const [a, b] = [await join(client, room), await join(client, room)];
      const typed = await a.page.evaluate(([count, pause]) => window.bench.type(count, pause), [KEYSTROKES, PAUSE_MS]);
      await b.page.waitForFunction((count) => window.bench.seen.length === count, KEYSTROKES);
      const seen = await b.page.evaluate(() => window.bench.seen);
      times[client].push(...seen.map((at, n) => at - typed[n]));
      await Promise.all([a.close(), b.close()]);
    }
    console.error(`latency: round ${round + 1} of ${ROUNDS} done`);
  }
  return times;
}

/** Frames and bytes that leave the page for one task's edits, until the other page has them all. */
async function measureBurst() {
  const results = {};
  for (const client of CLIENTS) {
    const room = `burst-${client}`;
    const [a, b] = [await join(client, room), await join(client, room)];
    const before = await a.page.evaluate(() => ({ ...window.bench.sent }));
    await a.page.evaluate((count) => window.bench.burst(count), BURST);
    await b.page.waitForFunction((count) => window.bench.length() === count, BURST);
    const after = await a.page.evaluate(() => ({ ...window.bench.sent }));
    results[client] = { frames: after.frames - before.frames, bytes: after.bytes - before.bytes };
    await Promise.all([a.close(), b.close()]);
  }
  return results;
}

/** What a page downloads, in brotli: Syncline's wasm and minified JavaScript, and the peer's minified JavaScript. */
async function measureSizes() {
  const dist = path.join(ROOT, "pkg", "dist");
  const wasm = path.join(dist, "syncline_bg.wasm");
  const entries = { syncline: path.join(dist, "index.browser.js"), yjs: path.join(ROOT, "benches", "pages", "yjs.js") };
  const measured = await measure({ wasm, entries });
  return { wasm: measured["syncline_bg.wasm"].brotli, script: measured.syncline.brotli, yjs: measured.yjs.brotli };
}

function inTurn(round) {
  return round % 2 === 0 ? CLIENTS : CLIENTS.toReversed();
}

function quantile(times, share) {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function describe({ latency, burst, sizes }) {
  const amount = (value, unit, digits) => `${value.toFixed(digits)} ${unit}`.trim();
  const row = (what, ours, theirs, unit, digits = 0) =>
    `| ${what} | ${amount(ours, unit, digits)} | ${amount(theirs, unit, digits)} | ×${Number((ours / theirs).toPrecision(2))} |`;
  const timed = (share) => CLIENTS.map((client) => quantile(latency[client], share));
  const versions = ["yjs", "y-websocket", "@y/websocket-server"].map((name) => `${name} ${versionOf(name)}`).join(", ");
  return `# Results

Written by \`npm run bench\` in headless Chromium: ${ROUNDS} rounds in turn, ${KEYSTROKES} keystrokes each, two pages over one
server on loopback; ${versions}. Absolute times depend on the machine: the ratios are the result.

| | Syncline | yjs + y-websocket | ratio |
| --- | ---: | ---: | ---: |
${row("edit on A → observer on B, median", ...timed(0.5), "ms", 2)}
${row("… 99th percentile", ...timed(0.99), "ms", 2)}
${row(`frames sent for ${BURST} edits in one task`, burst.syncline.frames, burst.yjs.frames, "")}
${row("… bytes sent", burst.syncline.bytes, burst.yjs.bytes, "B")}
${row("download, brotli", (sizes.wasm + sizes.script) / 1000, sizes.yjs / 1000, "kB", 1)}

Syncline's download is ${(sizes.wasm / 1000).toFixed(1)} kB of wasm and ${(sizes.script / 1000).toFixed(1)} kB of JavaScript.
`;
}

function versionOf(name) {
  return JSON.parse(readFileSync(path.join(ROOT, "node_modules", name, "package.json"), "utf8")).version;
}
