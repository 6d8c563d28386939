// Decides what `npm run torture` does: has every client meet every fault, each in processes of its own, judges what they
// did, and writes the table of docs/reliability.md.

import { existsSync } from "node:fs";
import path from "node:path";
import { createLog } from "../../scripts/lib/log.mjs";
import { ensureNpmPackages } from "../../scripts/lib/npm-packages.mjs";
import { readNames, readNumber, readValues } from "../../scripts/lib/options.mjs";
import { Problem, runMain } from "../../scripts/lib/problem.mjs";
import { probe, ROOT } from "../../scripts/lib/run.mjs";
import { runCell } from "./lib/cell.mjs";
import { CLIENTS, PEERS, versionOf } from "./lib/clients.mjs";
import { judge } from "./lib/judge.mjs";
import { describe, writeBetweenMarks } from "./lib/report.mjs";
import { ROWS } from "./lib/rows.mjs";

const PAGE = path.join(ROOT, "docs", "reliability.md");
const AT_ONCE = 6;

const HELP = `Usage: npm run torture -- [options]

Shows what sync clients do when servers and networks fail, and writes the table of docs/reliability.md.

  --only A,B     only these faults: ${ROWS.map(({ name }) => name).join(", ")}
  --clients A,B  only these clients: ${Object.keys(CLIENTS).join(", ")}
  --quick        watches for a shorter time
  --jobs N       how many clients at once; ${AT_ONCE} by default
  --help         this text

With --only, --clients or --quick the table is shown, and docs/reliability.md stays as it is.`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  if (!existsSync(path.join(ROOT, "pkg", "dist"))) throw new Problem("There is no package: `npm run build` makes it.");
  await ensureNpmPackages({ log, folder: PEERS });
  const began = Date.now();
  const results = await torture(options, log);
  const minutes = (Date.now() - began) / 60_000;
  const versions = Object.fromEntries(options.names.map((name) => [name, versionOf(name)]));
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const { names, quick: isQuick } = options;
  const text = describe(results, { names, versions, commit, minutes, date: new Date(began), isQuick });
  // What others do wrong is told; that ours does is a failure of the run.
  if (results.some(({ cells }) => cells.syncline?.verdict === "wrong" || cells.syncline?.verdict === "none")) process.exitCode = 1;
  if (options.isPartial) return process.stdout.write(`\n${text}`);
  await writeBetweenMarks(PAGE, text);
  log.info("\nWritten to docs/reliability.md.");
}

function readOptions() {
  const list = { type: "string" };
  const boolean = { type: "boolean", default: false };
  const values = readValues({ only: list, clients: list, quick: boolean, jobs: list, help: boolean }, "npm run torture");
  const rows = readNames("fault", ROWS.map(({ name }) => name), values.only);
  return {
    ...values,
    isPartial: values.quick || values.only !== undefined || values.clients !== undefined,
    rows: ROWS.filter(({ name }) => rows.includes(name)),
    names: readNames("client", Object.keys(CLIENTS), values.clients),
    jobs: readNumber("jobs", values.jobs, 32) ?? AT_ONCE,
  };
}

/** Runs all cells, several at a time, and returns them by row. */
async function torture({ rows, names, quick, jobs }, log) {
  const results = rows.map((row) => ({ row, cells: {} }));
  const waiting = spread(results, names);
  const count = waiting.length;
  let done = 0;
  await log.step(`${count} trials, ${jobs} at a time`, async (step) => {
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { row, cells, name } = next;
        const { verdict, said } = (cells[name] = judge(row.kind, await runCell(row, name, { quick })));
        done += 1;
        step.detail(`${done} of ${count}`);
        log.info(`  ${done}/${count} ${row.name}, ${CLIENTS[name].title}: ${verdict}: ${said}`);
      }
    };
    await Promise.all(Array.from({ length: jobs }, work));
  });
  return results;
}

/** Every row for every client, so that no fault, of which some are heavy, meets all of them at once. */
function spread(results, names) {
  const step = Math.max(1, Math.floor(results.length / names.length));
  return results.flatMap((_, at) => names.map((name, place) => ({ ...results[(at + place * step) % results.length], name })));
}

await runMain(main);
process.exit();
