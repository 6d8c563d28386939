// Decides what `npm run bench` does: measures Syncline beside its peers, row by row, and writes what came of it.

import { existsSync } from "node:fs";
import path from "node:path";
import { ensureBrowser, findBrowser } from "../scripts/lib/browser.mjs";
import { createLog } from "../scripts/lib/log.mjs";
import { readFolder, readNames, readNumber, readValues } from "../scripts/lib/options.mjs";
import { Problem, runMain } from "../scripts/lib/problem.mjs";
import { probe, ROOT } from "../scripts/lib/run.mjs";
import { ensurePeers, LIBRARIES } from "./lib/libraries.mjs";
import { describe } from "./lib/report.mjs";
import { runRow } from "./lib/runner.mjs";
import { setStage } from "./lib/stage.mjs";
import { loadTrace } from "./lib/trace.mjs";
import { ROWS } from "./rows/index.mjs";

/** How much of the session is replayed with `--quick`. */
const QUICK_OPERATIONS = 20_000;

const HELP = `Usage: npm run bench -- [options]

Measures Syncline beside its peers in headless Chromium and writes benches/RESULTS.md.

  --quick          less of everything, in under three minutes
  --only A,B       only these rows: ${ROWS.map(({ name }) => name).join(", ")}
  --libraries A,B  only these libraries: ${Object.keys(LIBRARIES).join(", ")}
  --rounds N       instead of what each row takes
  --trace FILE     an editing session of your own: JSON, or gzip of it, a list of [position, deleted, inserted]
  --help           this text

With --only or --libraries the results are shown, and RESULTS.md stays as it is.`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  if (!existsSync(path.join(ROOT, "pkg", "dist"))) throw new Problem("There is no package: `npm run build` makes it.");
  if (!findBrowser().chrome) await ensureBrowser({ log });
  await ensurePeers({ log });
  const session = await loadTrace(options.trace);
  const stage = await log.step("Bundling the libraries", () => setStage({ names: options.libraries, trace: session.operations }));
  const stop = closeOnSignal(stage, log);
  try {
    await measure({ ...options, session, stage, log });
  } finally {
    await stop();
  }
}

function readOptions() {
  const list = { type: "string" };
  const boolean = { type: "boolean", default: false };
  const values = readValues({ quick: boolean, only: list, libraries: list, rounds: list, trace: list, help: boolean }, "npm run bench");
  return {
    ...values,
    isPartial: [values.only, values.libraries].some((value) => value !== undefined),
    rows: readNames("row", ROWS.map(({ name }) => name), values.only).map((name) => ROWS.find((row) => row.name === name)),
    libraries: readNames("library", Object.keys(LIBRARIES), values.libraries),
    rounds: readNumber("rounds", values.rounds, 1_000),
    trace: values.trace === undefined ? undefined : readFolder(values.trace),
  };
}

async function measure({ rows, libraries, rounds, quick, isPartial, session, stage, log }) {
  const operations = quick ? Math.min(QUICK_OPERATIONS, session.operations.length) : session.operations.length;
  const began = performance.now();
  const results = [];
  for (const row of rows) results.push({ row, ...(await runRow(row, { libraries, rounds, quick, operations, stage, log })) });
  const minutes = (performance.now() - began) / 60_000;
  // What fails of others is told in the results; that ours does is a failure of the run.
  if (results.some(({ failures }) => failures.syncline)) process.exitCode = 1;
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const report = await describe(results, { commit, libraries, quick, rounds, operations, session, minutes });
  if (isPartial) return process.stdout.write(`\n${report.text}`);
  await report.write(path.join(ROOT, "benches"));
  log.info("\nWritten to benches/RESULTS.md.");
}

/** Ends all that was started when the reader says so; returns what ends it otherwise. */
function closeOnSignal(stage, log) {
  let closing;
  const close = () => (closing ??= stage.close());
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]]) {
    process.once(signal, async () => {
      log.info("Stopping …");
      await close();
      process.exit(code);
    });
  }
  return close;
}

await runMain(main);
