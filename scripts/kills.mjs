// Decides what `npm run kills` does: kills servers and a browser again and again while people type, and says what of that was
// not there afterwards which had been said to be held or stored.

import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { servePages } from "../tests/e2e/lib/pages.mjs";
import { startProfile } from "../tests/e2e/lib/profile.mjs";
import { killBrowser } from "../tests/kills/lib/browser-kills.mjs";
import { betweenMarks, browserRow, describe, lossInWords, serverRow } from "../tests/kills/lib/report.mjs";
import { killServer } from "../tests/kills/lib/server-kills.mjs";
import { HOCUSPOCUS } from "../tests/servers/hocuspocus/adapter.mjs";
import { Y_SWEET } from "../tests/servers/y-sweet/adapter.mjs";
import { Y_WEBSOCKET_SERVER, Y_WEBSOCKET_SERVER_IN_MEMORY } from "../tests/servers/y-websocket/adapter.mjs";
import { ensureBrowser } from "./lib/browser.mjs";
import { createLog } from "./lib/log.mjs";
import { readNames, readNumber, readValues } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { probe, ROOT } from "./lib/run.mjs";

const PAGE = path.join(ROOT, "docs", "reliability.md");
const MOST_KILLS = 100_000;
const KILLS = 20;
const TOLD_EVERY = 20;

const SERVERS = {
  "y-websocket": Y_WEBSOCKET_SERVER,
  "y-websocket-memory": Y_WEBSOCKET_SERVER_IN_MEMORY,
  hocuspocus: HOCUSPOCUS,
  "y-sweet": Y_SWEET,
};
/** y-sweet takes minutes to build, and forgets what it said when two come at once after its start: see docs/y-sweet.md. */
const USUAL = Object.keys(SERVERS).filter((name) => name !== "y-sweet");

const HELP = `Usage: npm run kills -- [options]

Kills servers and Chromium with SIGKILL while two clients in Node and a page type, and looks after each kill for every word that
had been said to be held by the server, or stored on the device.

  --server N     how often each server is killed; ${KILLS} by default, 0 for not at all
  --browser N    how often the browser is killed; ${KILLS} by default, 0 for not at all
  --servers A,B  which servers are killed: ${Object.keys(SERVERS).join(", ")}; all but the last by default, which $Y_SWEET names
  --record       writes the result to docs/reliability.md
  --help         this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  const began = new Date();
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const { chrome } = await ensureBrowser({ log });
  process.env.CHROME = chrome;
  const browser = { profile: await startProfile("chromium"), pages: await servePages() };
  const results = [];
  try {
    if (options.server > 0) for (const name of options.servers) results.push(await serverKills(SERVERS[name], options.server, browser, log));
    if (options.browser > 0) results.push(await browserKills(nameOf(chrome), options.browser, browser, log));
  } finally {
    await browser.profile.close();
    await browser.pages.close();
  }
  const minutes = (Date.now() - began.getTime()) / 60_000;
  const text = describe(results.map(({ row }) => row), { began, commit, minutes });
  log.info(`\n${text}`);
  const lost = results.flatMap((result) => result.lost);
  for (const loss of lost) log.info(lossInWords(loss));
  if (options.record) await writeFile(PAGE, betweenMarks(await readFile(PAGE, "utf8"), text));
  if (lost.length > 0) process.exitCode = 1;
}

function readOptions() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  const values = readValues({ server: text, browser: text, servers: text, record: flag, help: flag }, "npm run kills");
  const servers = values.servers === undefined ? USUAL : readNames("server", Object.keys(SERVERS), values.servers);
  if (servers.includes("y-sweet") && !process.env.Y_SWEET) throw new Problem("y-sweet is not found: Y_SWEET has to name the program.");
  const kills = (name) => (values[name] === "0" ? 0 : (readNumber(name, values[name], MOST_KILLS) ?? KILLS));
  return { ...values, servers, server: kills("server"), browser: kills("browser") };
}

function serverKills(adapter, kills, browser, log) {
  return log.step(`${adapter.name}, killed ${kills} times`, async (step) => {
    const tally = await killServer({ adapter, kills, browser, onKill: teller(kills, step, log) });
    step.result(`${tally.words} words, ${tally.lost.length} losses`);
    return { row: serverRow(adapter.name, tally), lost: tally.lost };
  });
}

function browserKills(name, kills, browser, log) {
  return log.step(`${name}, killed ${kills} times`, async (step) => {
    const tally = await killBrowser({ adapter: Y_WEBSOCKET_SERVER, kills, browser, onKill: teller(kills, step, log) });
    step.result(`${tally.words} words, ${tally.lost.length} losses`);
    return { row: browserRow(name, Y_WEBSOCKET_SERVER.name, tally), lost: tally.lost };
  });
}

function teller(kills, step, log) {
  return (done) => {
    step.detail(`${done} of ${kills}`);
    if (done % TOLD_EVERY === 0) log.info(`  ${done} of ${kills}`);
  };
}

/** The name of the browser, with the number of its version. */
function nameOf(chrome) {
  const [name, version] = execFileSync(chrome, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split(" ");
  return `${name} ${version.split(".")[0]}`;
}

await runMain(main);
process.exit();
