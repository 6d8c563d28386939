// Decides what `npm run simulate` does: runs every simulated world with a range of seeds, as fast as this machine can, and
// says which seeds fail and how to run them again.

import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { createLog } from "./lib/log.mjs";
import { betweenMarks } from "./lib/marks.mjs";
import { readNumber, readSeeds, readValues } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { probe, ROOT, runToEnd } from "./lib/run.mjs";
import { again, failureIn, inMarkdown, portions, stormIn, WORLDS } from "./lib/schedules.mjs";
import { buildTests } from "./lib/test-programs.mjs";

/** How many seeds a process runs: some seconds, so that the time that is left can be told. */
const PORTION = 2_000;
/** So many failures are enough to begin with. */
const MOST_FAILURES = 50;
/** A portion that takes longer hangs. */
const TIMEOUT_MS = 30 * 60_000;
const STORM = "storm::a_storm_is_told_in_figures";
const PAGE = path.join(ROOT, "docs", "reliability.md");

const HELP = `Usage: npm run simulate -- [options]

Runs each of the ${WORLDS.length} simulated worlds with every seed: a schedule is a world and a seed.

  --seeds A..B  these seeds of each world; 0..2000 by default
  --jobs N      how many processes at once; one for each core by default
  --only PART   only the worlds with this in the name of their test or its file
  --record      writes the result to docs/reliability.md, with what a server meets that comes back to 10,000 clients
  --help        this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const binaries = await build(log, [...new Set(options.worlds.map(({ binary }) => binary))]);
  const storm = options.record ? await measureStorm(log, binaries.get("simulation")) : [];
  const began = Date.now();
  const { runs, failures } = await runAll(options, binaries, log);
  const seconds = (Date.now() - began) / 1000;
  const schedules = runs.reduce((sum, { count }) => sum + count, 0);
  log.info(`${schedules.toLocaleString("en")} schedules, ${failures.length} failures, ${Math.round(schedules / seconds)} a second`);
  for (const failure of failures) log.info(`  ${again(failure)}\n    ${failure.words}`);
  if (options.record) {
    const day = new Date(began).toISOString().slice(0, 10);
    const text = inMarkdown({ day, commit, ...options, seconds, runs, failures, storm });
    await writeFile(PAGE, betweenMarks(await readFile(PAGE, "utf8"), "`npm run simulate -- --record`", "campaign", text));
  }
  if (failures.length > 0) process.exitCode = 1;
}

function readOptions() {
  const [text, flag] = [{ type: "string" }, { type: "boolean", default: false }];
  const { only = "", record, help, ...values } = readValues({ seeds: text, jobs: text, only: text, record: flag, help: flag }, "npm run simulate");
  const seeds = readSeeds(values.seeds ?? "0..2000");
  if (seeds === undefined) throw new Problem(`--seeds is '${values.seeds}', it must be like 0..1000.`);
  const worlds = WORLDS.filter(({ binary, test }) => `${binary} ${test}`.includes(only));
  if (worlds.length === 0) throw new Problem(`No world has '${only}' in the name of its test.`);
  return { seeds, worlds, record, help, jobs: readNumber("jobs", values.jobs, 64) ?? availableParallelism() };
}

/** Builds the tests as fast as they can be; returns where each is. */
async function build(log, names) {
  return log.step("Building the worlds", async (step) => {
    return buildTests([...new Set([...names, "simulation"])], ["--profile", "simulate"], { onLine: step.detail });
  });
}

async function measureStorm(log, program) {
  return log.step("10,000 clients come back", async () => {
    const { output } = await runToEnd(program, ["--exact", STORM, "--nocapture"], { env: { SYNCLINE_STORM: "10000" }, timeoutMs: TIMEOUT_MS });
    const storm = stormIn(output);
    if (storm.length === 0) throw new Problem("The storm could not be measured.", { output });
    return storm;
  });
}

/** Runs all portions, as many at once as there are jobs; says how far it is after each. */
async function runAll({ seeds, worlds, jobs }, binaries, log) {
  const todo = portions(seeds, PORTION, worlds);
  const all = worlds.length * (seeds.to - seeds.from);
  const runs = worlds.map((world) => ({ world, count: 0, seconds: 0 }));
  const failures = [];
  const began = Date.now();
  let done = 0;
  const work = async () => {
    for (let portion = todo.shift(); portion !== undefined && failures.length < MOST_FAILURES; portion = todo.shift()) {
      const started = Date.now();
      failures.push(...(await runPortion(portion, binaries.get(portion.world.binary), log)));
      const sum = runs.find(({ world }) => world === portion.world);
      sum.count += portion.to - portion.from;
      sum.seconds += (Date.now() - started) / 1000;
      done += portion.to - portion.from;
      const rate = done / ((Date.now() - began) / 1000);
      log.info(`  ${done.toLocaleString("en")} of ${all.toLocaleString("en")}, ${Math.round(rate)} a second, ${Math.ceil((all - done) / rate / 60)} min left, ${failures.length} failures`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return { runs: runs.filter(({ count }) => count > 0), failures };
}

/** Runs the seeds of a portion, and after each that fails the rest. */
async function runPortion({ world, from, to }, program, log) {
  const failures = [];
  while (from < to && failures.length < MOST_FAILURES) {
    const env = { SYNCLINE_SEEDS: `${from}..${to}`, RUST_BACKTRACE: "0" };
    const { code, output } = await runToEnd(program, ["--exact", world.test], { env, timeoutMs: TIMEOUT_MS });
    if (code === 0) {
      if (!output.includes(" 1 passed;")) throw new Problem(`There is no test '${world.test}' in tests/${world.binary}.`);
      break;
    }
    const failure = failureIn(output);
    if (failure === undefined) throw new Problem(`${world.test} ended with ${code} and named no seed.`, { output });
    failures.push({ world, ...failure });
    log.info(`  seed ${failure.seed} fails: ${failure.words}\n  ${again({ world, ...failure })}\n  in tests/${world.binary}/main.rs:\n\n${failure.test ?? ""}`);
    from = failure.seed + 1;
  }
  return failures;
}

await runMain(main);
