// Decides what `npm run fuzz` does: makes hostile bytes by seed for so long, natively under AddressSanitizer or for the wasm
// build, and says what escaped the gates.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { buildAll } from "./lib/build-all.mjs";
import { runNative } from "./lib/fuzz-native.mjs";
import { inWords, recordRun, sumUp } from "./lib/fuzz-report.mjs";
import { read, State } from "./lib/fuzz-state.mjs";
import { feedWasm } from "./lib/fuzz-wasm.mjs";
import { createLog } from "./lib/log.mjs";
import { readFolder, readNumber, readSeeds, readValues } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { probe, ROOT, run } from "./lib/run.mjs";

/** How far apart the seeds of those who work side by side begin. */
const FIELD = 2 ** 44;
const MOST_MINUTES = 7 * 24 * 60;

const HELP = `Usage: npm run fuzz -- [options]

Gives hostile bytes to documents, each made by a seed, and says what escapes: a panic, a trap, an endless loop, memory without
bounds, a document that cannot be used afterwards, an honest update that is refused.

  --minutes N   for how long; 2 by default
  --seeds A..B  these seeds instead, however long it takes; A.. are those from A on, for as long as --minutes says
  --wasm        on the wasm build, through the package, instead of natively under AddressSanitizer
  --jobs N      how many at once; 1 by default
  --state FILE  keeps there what was done, and goes on from what the file says: one run in several goes, at one commit
  --record      writes the result to docs/reliability.md; with --minutes 0 and --state, what was done before
  --help        this text

Ctrl-C ends a run as --minutes does.`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  const { run: done, isWhole } = options.minutes === 0 ? await recall(options) : await fuzz(options, log);
  const counts = sumUp(done.jobs);
  log.info(`${inWords(counts)}, ${done.title}`);
  if (!isWhole) log.info("  It was ended before its time.");
  if (options.record) await recordRun({ ...done, counts, jobs: done.jobs.length });
  if (counts.escapes > 0) process.exitCode = 1;
}

/** What another run has written down. */
async function recall({ state }) {
  const run = state && (await read(state));
  if (!run) throw new Problem("--minutes 0 needs a --state FILE that a run has written.");
  return { run, isWhole: true };
}

async function fuzz(options, log) {
  const { wasm, first, last } = options;
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const work = wasm ? await prepareWasm(log) : await prepareNative(log);
  const state = await State.open(options.state, { title: work.title, wasm, commit, first, last, jobs: options.jobs });
  log.info(`  ${work.title}; seeds from ${state.next(0, state.run.first)}${last === undefined ? "" : ` to ${last - 1}`}`);
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, end);
  const shares = state.run.jobs.map((_, job) => shareOf({ ...options, first: state.run.first }, job));
  await Promise.all(shares.map((share, job) => work.run(share, { state, job, log, signal: ending.signal })));
  await state.flush();
  return { run: state.run, isWhole: !ending.signal.aborted };
}

function readOptions() {
  const [text, flag] = [{ type: "string" }, { type: "boolean", default: false }];
  const types = { minutes: text, seeds: text, jobs: text, state: text, wasm: flag, record: flag, help: flag };
  const { minutes: time, seeds: range, jobs: count, state: file, ...flags } = readValues(types, "npm run fuzz");
  const minutes = time === "0" ? 0 : (readNumber("minutes", time, MOST_MINUTES) ?? 2);
  const jobs = readNumber("jobs", count, 64) ?? 1;
  const common = { minutes, jobs, state: file && readFolder(file), ...flags };
  // Seeds that nobody has run: those of this millisecond, of which a run does not use up a thousandth.
  if (range === undefined) return { ...common, first: Date.now() * 1000 };
  if (/^\d+\.\.$/.test(range)) return { ...common, first: Number.parseInt(range, 10) };
  const seeds = readSeeds(range);
  if (seeds === undefined) throw new Problem(`--seeds is '${range}', it must be like 0..1000.`);
  return { ...common, first: seeds.from, last: seeds.to };
}

/** What one of those does who work side by side. */
function shareOf({ first, last, minutes, jobs }, job) {
  if (last === undefined) return { first: first + job * FIELD, until: Date.now() + minutes * 60_000 };
  const share = Math.ceil((last - first) / jobs);
  return { first: first + job * share, last: Math.min(first + (job + 1) * share, last) };
}

async function prepareNative(log) {
  const sanitizer = await findSanitizer();
  if (sanitizer === undefined) log.info("  There is no AddressSanitizer for this machine: what reads freed memory may not be seen.");
  const target = sanitizer ? ["--target", sanitizer] : [];
  const program = await buildProgram(log, ["--profile", "fuzz", ...target], sanitizer && sanitized());
  const title = sanitizer ? "natively under AddressSanitizer" : "natively, without AddressSanitizer";
  return { title, run: (share, context) => runNative(program, share, context) };
}

async function prepareWasm(log) {
  // Always, or a package would be judged that was built before what is to be tried.
  await buildAll({ log });
  const program = await buildProgram(log);
  return { title: "on the wasm build", run: (share, context) => feedWasm(program, share, context) };
}

/** The target that has a sanitizer in this toolchain, which is this machine's own. */
async function findSanitizer() {
  const host = /^host: (.+)$/m.exec((await probe("rustc", ["-vV"])) ?? "")?.[1];
  const folder = host && (await probe("rustc", ["--print", "target-libdir", "--target", host]));
  return folder && existsSync(folder) && readdirSync(folder).some((file) => file.includes("rt.asan")) ? host : undefined;
}

/**
 * How the compiler is told to put AddressSanitizer in: it is unstable, and so is allowed as for the shipped wasm. Without its
 * marks on the stack, which take more time than everything else: what yrs keeps beyond the borrow checker points into the heap.
 */
function sanitized() {
  const flags = "-Zsanitizer=address -Cllvm-args=-asan-stack=0";
  return { RUSTC_BOOTSTRAP: "1", RUSTFLAGS: flags, CARGO_TARGET_DIR: path.join(ROOT, "target", "fuzz") };
}

/** Builds the tests that make the inputs; returns where they are. */
async function buildProgram(log, flags = [], env = {}) {
  return log.step(`Building the fuzzer${env.RUSTFLAGS ? " with AddressSanitizer" : ""}`, async (step) => {
    const args = ["test", "--locked", "--test", "fuzz", "--no-run", "--message-format=json-render-diagnostics", ...flags];
    const { stdout } = await run("cargo", args, { env, onLine: (line) => line.startsWith("{") || step.detail(line) });
    const built = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const program = built.find(({ executable, target }) => executable && target?.name === "fuzz")?.executable;
    if (program === undefined) throw new Problem("cargo did not say where the fuzzer is.");
    return program;
  });
}

await runMain(main);
