// Decides what `npm run fuzz` does: makes hostile bytes by seed for so long, natively under AddressSanitizer or for the wasm
// build, and says what escaped the gates.

import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildAll } from "./lib/build-all.mjs";
import { feedWasm } from "./lib/fuzz-wasm.mjs";
import { inWords, recordRun, sumUp } from "./lib/fuzz-report.mjs";
import { createLog } from "./lib/log.mjs";
import { readNumber, readSeeds, readValues } from "./lib/options.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { probe, ROOT, run, runToEnd } from "./lib/run.mjs";

/** How far apart the seeds of those who work side by side begin. */
const FIELD = 2 ** 44;
const MOST_MINUTES = 7 * 24 * 60;

const HELP = `Usage: npm run fuzz -- [options]

Gives hostile bytes to documents, each made by a seed, and says what escapes: a panic, a trap, an endless loop, memory without
bounds, a document that cannot be used afterwards, an honest update that is refused.

  --minutes N   for how long; 2 by default
  --seeds A..B  these seeds instead, however long it takes
  --wasm        on the wasm build, through the package, instead of natively under AddressSanitizer
  --jobs N      how many at once; 1 by default
  --record      writes the result to docs/reliability.md
  --help        this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  const began = new Date();
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const work = options.wasm ? await prepareWasm(log) : await prepareNative(log);
  log.info(`  ${work.title}; seeds from ${options.first}${options.last === undefined ? "" : ` to ${options.last - 1}`}`);
  const jobs = Array.from({ length: options.jobs }, (_, job) => work.run(shareOf(options, job), log));
  const counts = sumUp(await Promise.all(jobs));
  log.info(`${inWords(counts)}, ${work.title}`);
  if (options.record) await recordRun({ counts, ...work, ...options, began, commit });
  if (counts.escapes > 0) process.exitCode = 1;
}

function readOptions() {
  const [text, flag] = [{ type: "string" }, { type: "boolean", default: false }];
  const types = { minutes: text, seeds: text, jobs: text, wasm: flag, record: flag, help: flag };
  const values = readValues(types, "npm run fuzz");
  const minutes = readNumber("minutes", values.minutes, MOST_MINUTES) ?? 2;
  const jobs = readNumber("jobs", values.jobs, 64) ?? 1;
  const { wasm, record, help } = values;
  if (values.seeds === undefined) {
    // Seeds that nobody has run: those of this millisecond, of which a run does not use up a thousandth.
    return { minutes, jobs, wasm, record, help, first: Date.now() * 1000 };
  }
  const seeds = readSeeds(values.seeds);
  if (seeds === undefined) throw new Problem(`--seeds is '${values.seeds}', it must be like 0..1000.`);
  return { jobs, wasm, record, help, first: seeds.from, last: seeds.to };
}

/** What one of those who work side by side does. */
function shareOf({ first, last, minutes, jobs }, job) {
  if (last === undefined) return { first: first + job * FIELD, until: Date.now() + minutes * 60_000 };
  const share = Math.ceil((last - first) / jobs);
  return { first: first + job * share, last: Math.min(first + (job + 1) * share, last) };
}

async function prepareNative(log) {
  const sanitizer = await findSanitizer();
  if (sanitizer === undefined) log.info("  There is no AddressSanitizer for this machine: what reads freed memory may not be seen.");
  const program = await buildProgram(log, sanitizer);
  const title = sanitizer ? "natively under AddressSanitizer" : "natively, without AddressSanitizer";
  return { title, run: (share, log) => runNative(program, share, log) };
}

async function prepareWasm(log) {
  // Always, or a package would be judged that was built before what is to be tried.
  await buildAll({ log });
  const program = await buildProgram(log);
  return { title: "on the wasm build", run: (share, log) => feedWasm(program, share, log) };
}

/** The target that has a sanitizer in this toolchain, which is this machine's own. */
async function findSanitizer() {
  const host = /^host: (.+)$/m.exec((await probe("rustc", ["-vV"])) ?? "")?.[1];
  const folder = host && (await probe("rustc", ["--print", "target-libdir", "--target", host]));
  return folder && existsSync(folder) && readdirSync(folder).some((file) => file.includes("rt.asan")) ? host : undefined;
}

/** Builds the tests that make the inputs; returns where they are. */
async function buildProgram(log, sanitizer) {
  const flags = sanitizer ? ["--target", sanitizer] : [];
  // The sanitizers are unstable, so that the pinned compiler is told to allow that, as for the shipped wasm.
  const asan = { RUSTC_BOOTSTRAP: "1", RUSTFLAGS: "-Zsanitizer=address", CARGO_TARGET_DIR: path.join(ROOT, "target", "fuzz") };
  return log.step(`Building the fuzzer${sanitizer ? " with AddressSanitizer" : ""}`, async (step) => {
    const args = ["test", "--locked", "--test", "fuzz", "--no-run", "--message-format=json-render-diagnostics", ...flags];
    const { stdout } = await run("cargo", args, { env: sanitizer ? asan : {}, onLine: (line) => line.startsWith("{") || step.detail(line) });
    const built = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const program = built.find(({ executable, target }) => executable && target?.name === "fuzz")?.executable;
    if (program === undefined) throw new Problem("cargo did not say where the fuzzer is.");
    return program;
  });
}

/** Runs the native fuzzer; what ends it is an escape, after which it goes on with the next seed. */
async function runNative(program, share, log) {
  await mkdir(path.join(ROOT, "target"), { recursive: true });
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-fuzz-"));
  const file = path.join(folder, "seed");
  const counts = [];
  let { first } = share;
  try {
    while (share.last === undefined ? Date.now() < share.until : first < share.last) {
      const { code, output } = await runToEnd(program, ["no_hostile", "--nocapture", "--test-threads=1"], {
        env: { ...environment({ ...share, first }), SYNCLINE_FUZZ_SEED_FILE: file, ASAN_OPTIONS: "detect_leaks=0" },
        onLine: (line) => line.startsWith("fuzz:") && log.info(`  ${line.slice(6)}`),
      });
      const seed = Number(await readFile(file, "utf8").catch(() => first));
      const told = output.match(/^fuzz: seed \d+ escapes/gm)?.length ?? 0;
      const isWhole = / the next seed is \d+$/m.test(output) && /^test result/m.test(output);
      counts.push({ first, next: seed + 1, escapes: isWhole ? told : told + (output.includes("takes longer") ? 0 : 1) });
      if (isWhole) break;
      log.info(`  seed ${seed} escapes: the process ended with ${code}; again with: npm run fuzz -- --seeds ${seed}..${seed + 1}\n${cause(output)}`);
      first = seed + 1;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return counts;
}

function environment({ first, last, until }) {
  if (last !== undefined) return { SYNCLINE_SEEDS: `${first}..${last}` };
  const minutes = Math.max(0, until - Date.now()) / 60_000;
  return { SYNCLINE_SEEDS: `${first}..${first + 1}`, SYNCLINE_FUZZ_MINUTES: String(minutes) };
}

/** What is said of a crash, without what only looks so. */
function cause(output) {
  const lines = output.split("\n").filter((line) => !line.startsWith("fuzz:"));
  const at = lines.findIndex((line) => /ERROR: AddressSanitizer|SUMMARY/.test(line));
  return lines.slice(Math.max(0, at)).slice(0, 30).join("\n");
}

await runMain(main);
