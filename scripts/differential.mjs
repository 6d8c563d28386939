// Decides what `npm run differential` does: random sessions of the built package beside real Yjs, as many as are asked for.
//
// It fails where one diverges, and prints its seed, the command that runs it alone, and the shortest test that fails as it does.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { runCampaign } from "../tests/differential/lib/campaign.mjs";
import { hasMarks, withResult } from "../tests/differential/lib/record.mjs";
import { readNumber, readValues } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { ROOT, run } from "./lib/run.mjs";

const COMMAND = "npm run differential";
const USAGE = `${COMMAND} -- [options]

  --seeds FROM..TO   which sessions are run, the last one excluded (default: 0..10000); one number runs one
  --minutes N        ends after so many minutes, whatever is left
  --jobs N           how many run at once (default: 1)
  --record           writes what was found into docs/reliability.md`;
const PAGE = path.join(ROOT, "docs", "reliability.md");
const PROGRESS_MS = 10_000;

async function main() {
  const values = readValues(
    {
      seeds: { type: "string", default: "0..10000" },
      minutes: { type: "string" },
      jobs: { type: "string" },
      record: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
    COMMAND,
  );
  if (values.help) return console.log(USAGE);
  const { from, to } = readSeeds(values.seeds);
  const minutes = readNumber("minutes", values.minutes, 10_000);
  const jobs = readNumber("jobs", values.jobs, availableParallelism()) ?? 1;
  if (values.record && !hasMarks(page())) throw new Problem(`${PAGE} has no place for results of this program.`);
  // Before anything is run: what is committed meanwhile is not what was run.
  const commit = values.record ? await currentCommit() : "";
  const begun = performance.now();
  const until = minutes === undefined ? Infinity : begun + minutes * 60_000;
  const result = await runCampaign({ from, to, jobs, until, onProgress: progress(begun, to - from), onFailure: printFailure });
  if (values.record) record(result, commit);
  console.log(`${inWords(result)}, ${seconds(begun)} s, seeds ${result.from}..${result.to}`);
  if (result.failures.length > 0) throw new Problem("Documents diverged: the sessions stand above.");
}

function readSeeds(text) {
  const [, from, to = Number(from) + 1] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  // A worker is told where it is in 32 bits.
  if (from !== undefined && Number(from) < Number(to) && Number(to) < 2 ** 31) return { from: Number(from), to: Number(to) };
  throw new Problem(`--seeds is '${text}', it must be a number, or two as FROM..TO.`);
}

/** Tells from time to time how far it has come. */
function progress(begun, all) {
  let told = begun;
  return (result) => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    const rate = (result.sessions / (told - begun)) * 1000;
    console.log(`… ${inWords(result)} of ${all}, ${Math.round(rate)} a second`);
  };
}

function inWords({ sessions, operations, taken, failures }) {
  return `${sessions} sessions, ${operations} operations, ${taken} updates of Yjs taken in, ${failures.length} divergences`;
}

function printFailure({ seed, words, test }) {
  console.log(`\n✗ seed ${seed}: \`${COMMAND} -- --seeds ${seed}\` runs it again.\n${words}`);
  if (test) console.log(`\nThe shortest that fails in this way, as tests/differential/seed-${seed}.test.mjs:\n\n${test}`);
}

async function currentCommit() {
  const { stdout } = await run("git", ["describe", "--always", "--dirty", "--exclude", "*"]);
  return stdout.trim();
}

function record({ failures, ...result }, commit) {
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(PAGE, withResult(page(), { ...result, date, commit, divergences: failures.length }));
}

function page() {
  return existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
}

function seconds(begun) {
  return Math.round((performance.now() - begun) / 1000);
}

await runMain(main);
