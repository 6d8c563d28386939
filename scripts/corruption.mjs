// Decides what `npm run corruption` does: damages what travels between clients and a server, for Syncline and for y-websocket by the
// same seeds, and says who has the same as the others once the damage has ended.

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { KINDS, ROWS, runRow } from "../tests/corruption/lib/campaign.mjs";
import { betweenMarks, describe } from "../tests/corruption/lib/report.mjs";
import { createLog } from "./lib/log.mjs";
import { readNumber, readSeeds, readValues } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { probe, ROOT } from "./lib/run.mjs";

const PAGE = path.join(ROOT, "docs", "reliability.md");
const HEAL_MS = 40_000;

const HELP = `Usage: npm run corruption -- [options]

Flips bits, cuts out and doubles bytes between a y-websocket server and its clients, for a while; then it is waited for ${HEAL_MS / 1000} s.

  --seeds A..B  which sessions, for each client and each kind of damage; 0..20 by default
  --jobs N      how many at once; 10 by default
  --record      writes the result to docs/reliability.md
  --help        this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  const began = new Date();
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  // What the server and y-websocket say of damage is no news.
  console.error = console.warn = () => {};
  const results = [];
  for (const row of ROWS) {
    const tallies = {};
    for (const kind of KINDS) tallies[kind] = await sessions(row, kind, options, log);
    results.push({ row, tallies });
  }
  const minutes = (Date.now() - began.getTime()) / 60_000;
  const text = describe(results, { began, commit, healMs: HEAL_MS, minutes, ...options });
  log.info(`\n${text}`);
  if (options.record) await writeFile(PAGE, betweenMarks(await readFile(PAGE, "utf8"), text));
  const wrong = results.filter(({ tallies: { syncline } }) => syncline.missing + syncline.uncaught.length > 0);
  for (const { row, tallies } of wrong) {
    const { left, uncaught } = tallies.syncline;
    log.info(`Syncline did not heal: ${row.title}\n${[...left.map((each) => JSON.stringify(each)), ...uncaught].join("\n")}`);
  }
  if (wrong.length > 0) process.exitCode = 1;
}

function readOptions() {
  const [text, flag] = [{ type: "string" }, { type: "boolean", default: false }];
  const values = readValues({ seeds: { ...text, default: "0..20" }, jobs: text, record: flag, help: flag }, "npm run corruption");
  const seeds = readSeeds(values.seeds);
  if (seeds === undefined) throw new Problem(`--seeds is '${values.seeds}', it must be like 0..20.`);
  return { ...values, ...seeds, jobs: readNumber("jobs", values.jobs, 100) ?? 10 };
}

function sessions(row, kind, { from, to, jobs }, log) {
  return log.step(`${kind}, ${row.title}: ${to - from} sessions`, async (step) => {
    let done = 0;
    const onSession = () => step.detail(`${(done += 1)} of ${to - from}`);
    const tally = await runRow({ row, kind, from, to, jobs, healMs: HEAL_MS, onSession });
    step.result(`${tally.same} the same, ${tally.other} other, ${tally.missing} missing`);
    return tally;
  });
}

await runMain(main);
process.exit();
