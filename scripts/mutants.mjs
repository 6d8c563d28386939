// Decides what `npm run mutants` does: makes every defect in a copy of the project, and tells which the simulations notice.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { createLog } from "./lib/log.mjs";
import { betweenMarks } from "./lib/marks.mjs";
import { failedTest, inMarkdown, MUTANTS, SWITCH, SWITCHBOARD, withDefects } from "./lib/mutants.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { probe, ROOT, runToEnd } from "./lib/run.mjs";
import { buildTests } from "./lib/test-programs.mjs";

/** What a copy of the project consists of, as far as its native tests need it. */
const COPIED = ["src", "tests", "benches", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];
const COPY = path.join(ROOT, "target", "mutants");
/** Nobody looks into it with a debugger. */
const BUILD = { CARGO_TARGET_DIR: path.join(COPY, "target"), CARGO_PROFILE_TEST_DEBUG: "0", CARGO_PROFILE_DEV_DEBUG: "0" };
const MAIN_FILE = path.join("src", "lib.rs");
/** What came of each defect when it was last tried. */
const OUTCOMES = path.join(COPY, "outcomes.json");
/** Most defects show with the first seeds, in one world or another. */
const [SEEDS, STAGES] = ["0..1000", ["0..150", "150..1000"]];
/** How long the tests of a simulation may take. */
const TIMEOUT_MS = 30 * 60_000;
/** What takes longer than this with a defect, and than four times as long as without one, does not end. */
const LEAST_PATIENCE_MS = 5 * 60_000;
/** What takes long and is about traces. */
const SKIPPED = ["--skip", "what_is_left_of_a_long_trace"];
const PAGE = path.join(ROOT, "docs", "reliability.md");

const HELP = `Usage: npm run mutants -- [options] [PART...]

Has those defects alone noticed whose simulation, file or words have one of the PARTs in them, and fails where one is not noticed.

  --rest    leaves out those that were noticed before
  --record  writes what came of all that were tried, in this run or before, to docs/reliability.md
  --help    this text

$SYNCLINE_SEEDS says which seeds are run; ${SEEDS} by default.`;

async function main() {
  const [flag] = [{ type: "boolean", default: false }];
  const { values, positionals: parts } = parseArgs({ options: { rest: flag, record: flag, help: flag }, allowPositionals: true });
  if (values.help) return process.stdout.write(`${HELP}\n`);
  const log = createLog();
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const outcomes = await readOutcomes();
  const isChosen = ({ world, defect, file }) => parts.length === 0 || parts.some((part) => `${world} ${file} ${defect}`.includes(part));
  const chosen = MUTANTS.filter((mutant) => isChosen(mutant) && !(values.rest && outcomes.get(keyOf(mutant))?.by));
  if (chosen.length === 0 && !values.record) throw new Problem(`No mutant that is left has this in its defect or file: ${parts.join(", ")}.`);

  const unnoticed = chosen.length > 0 ? await tryAll(chosen, { outcomes, commit, log }) : [];
  if (values.record) {
    const text = inMarkdown([...outcomes.values()]);
    await writeFile(PAGE, betweenMarks(await readFile(PAGE, "utf8"), "`npm run mutants -- --record`", "mutants", text));
  }
  if (unnoticed.length > 0) throw new Problem(`Not noticed: ${unnoticed.map(({ defect }) => defect).join("; ")}.`);
}

/** Tries one after the other, and remembers at once what came of each; returns those that nothing noticed. */
async function tryAll(chosen, { outcomes, commit, log }) {
  const worlds = [...new Set(chosen.map(({ world }) => world))];
  const programs = await log.step("Building the simulations, with all defects", async (step) => {
    for (const name of COPIED) await bring(name);
    return buildTests(worlds, [], { cwd: COPY, env: BUILD, onLine: step.detail });
  });
  const patience = new Map();
  for (const world of worlds) {
    await log.step(`tests/${world}, without a defect`, async () => {
      const began = Date.now();
      const by = await firstToFail(programs.get(world), {}, TIMEOUT_MS);
      if (by !== undefined) throw new Problem(`Without a defect, tests/${world} says: ${by}`);
      patience.set(world, Math.max(LEAST_PATIENCE_MS, 4 * (Date.now() - began)));
    });
  }
  const unnoticed = [];
  for (const mutant of chosen) {
    const { world, file, defect } = mutant;
    await log.step(`${world}, ${file}: ${defect}`, async (step) => {
      const by = await firstToFail(programs.get(world), { [SWITCH]: String(MUTANTS.indexOf(mutant)) }, patience.get(world));
      const day = new Date().toISOString().slice(0, 10);
      outcomes.set(keyOf(mutant), { world, defect, by, day, commit, seeds: process.env.SYNCLINE_SEEDS ?? SEEDS });
      await writeFile(OUTCOMES, JSON.stringify([...outcomes], undefined, 1));
      if (by === undefined) unnoticed.push(mutant);
      step.result(by ?? "NOT NOTICED");
    });
  }
  log.info(`${chosen.length - unnoticed.length} of ${chosen.length} defects were noticed`);
  return unnoticed;
}

/** Which test of a program fails first, and what it says, or that the program does not end; undefined where all hold. */
async function firstToFail(program, env, patience) {
  const args = ["--nocapture", "--test-threads=2", ...SKIPPED];
  for (const seeds of stages()) {
    const { code, output } = await runToEnd(program, args, {
      cwd: COPY,
      env: { SYNCLINE_SEEDS: seeds, RUST_BACKTRACE: "0", ...env },
      timeoutMs: patience,
      isEnough: (line) => failedTest(line) !== undefined,
    });
    const test = output.split("\n").map(failedTest).find((name) => name !== undefined);
    if (test !== undefined) return [test, /^seed \d+ fails: .{0,90}/m.exec(output)?.[0]].filter(Boolean).join(", ");
    if (code !== 0) return output.split("\n").at(-1);
  }
  return undefined;
}

/** Brings a file or folder of the copy up to date. What has not changed is not written, so that it is not compiled again. */
async function bring(name) {
  const from = path.join(ROOT, name);
  const entries = await readdir(from, { withFileTypes: true, recursive: true }).catch(() => undefined);
  const files = entries?.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)) ?? [from];
  for (const file of files) {
    const relative = path.relative(ROOT, file);
    const to = path.join(COPY, relative);
    const wanted = inCopy(relative, await readFile(file));
    if ((await readOrNothing(to))?.equals(wanted)) continue;
    await mkdir(path.dirname(to), { recursive: true });
    await writeFile(to, wanted);
  }
}

/** What a file has in the copy, where nobody has a use for the wasm. */
function inCopy(file, source) {
  if (file === "Cargo.toml") return Buffer.from(source.toString().replace('["cdylib", "rlib"]', '["rlib"]'));
  if (file === MAIN_FILE) return Buffer.concat([source, Buffer.from(SWITCHBOARD)]);
  return MUTANTS.some((mutant) => mutant.file === file) ? Buffer.from(withDefects(source.toString(), file)) : source;
}

async function readOutcomes() {
  const known = new Set(MUTANTS.map(keyOf));
  const kept = JSON.parse((await readOrNothing(OUTCOMES)) ?? "[]");
  return new Map(kept.filter(([key]) => known.has(key)));
}

const readOrNothing = (file) => readFile(file).catch(() => undefined);

/** Names a defect as it was made: one that is made in another way was not tried. */
function keyOf({ world, defect, file, find, put }) {
  return JSON.stringify([world, defect, file, find, put]);
}

function stages() {
  return process.env.SYNCLINE_SEEDS ? [process.env.SYNCLINE_SEEDS] : STAGES;
}

await runMain(main);
