// Decides what `npm run soak` does: has a page of Chromium and a process of Node work with documents for long, and says what of
// their memory, listeners and handles has grown.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { drawChart } from "../tests/soak/lib/chart.mjs";
import { judge } from "../tests/soak/lib/flat.mjs";
import { betweenMarks, describe, sampleInWords } from "../tests/soak/lib/report.mjs";
import { soak } from "../tests/soak/lib/soak.mjs";
import { createLog } from "./lib/log.mjs";
import { readNumber, readValues } from "./lib/options.mjs";
import { runMain } from "./lib/problem.mjs";
import { probe, ROOT } from "./lib/run.mjs";

const PAGE = path.join(ROOT, "docs", "reliability.md");
const CHART = "soak.svg";
const SAMPLES = path.join(ROOT, "target", "soak.json");
const MOST_MINUTES = 7 * 24 * 60;
const SAMPLE_MS = 30_000;
/** A short run takes more samples, so that there is something to fit a line to. */
const FEWEST_SAMPLES = 20;

const HELP = `Usage: npm run soak -- [options]

Edits, undoes, opens and closes documents over connections that are cut, and says whether memory, listeners, sockets, timers,
connections to IndexedDB and handles stay flat. All samples are written to target/soak.json.

  --minutes N   for how long; 60 by default; ended before by SIGTERM, it tells of what there is
  --record      writes the result to docs/reliability.md and docs/${CHART}
  --help        this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  const began = new Date();
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const soaked = await soak({
    sampleMs: Math.min(SAMPLE_MS, (options.minutes * 60_000) / FEWEST_SAMPLES),
    isOver: whenOver(began, options.minutes),
    onSample: (sample) => log.info(`  ${sampleInWords(sample)}`),
  });
  await mkdir(path.dirname(SAMPLES), { recursive: true });
  await writeFile(SAMPLES, JSON.stringify({ began, commit, ...soaked }));
  const series = judge(soaked.samples);
  const run = { began, commit, chart: options.record ? CHART : undefined };
  log.info(`\n${describe(series, soaked, run)}`);
  if (options.record) await record(series, describe(series, soaked, run));
  for (const error of soaked.errors) log.info(`\nnobody caught in the page: ${error}`);
  if (soaked.errors.length > 0 || series.some(({ isFlat }) => !isFlat)) process.exitCode = 1;
}

function readOptions() {
  const types = { minutes: { type: "string" }, record: { type: "boolean", default: false }, help: { type: "boolean", default: false } };
  const values = readValues(types, "npm run soak");
  return { ...values, minutes: readNumber("minutes", values.minutes, MOST_MINUTES) ?? 60 };
}

/** Says whether the time is over, or somebody has said that it is enough. */
function whenOver(began, minutes) {
  let isEnough = false;
  process.once("SIGTERM", () => (isEnough = true));
  return () => isEnough || Date.now() - began.getTime() >= minutes * 60_000;
}

async function record(series, text) {
  await writeFile(PAGE, betweenMarks(await readFile(PAGE, "utf8"), text));
  const drawn = series.filter(({ name }) => ["heap", "wasm", "external"].includes(name));
  await writeFile(path.join(ROOT, "docs", CHART), drawChart(drawn));
}

await runMain(main);
process.exit();
