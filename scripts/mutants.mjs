// Decides what `npm run mutants` does: makes one defect after the other in a copy of the project, and tells which the simulation of browsers notices.
//
// `node scripts/mutants.mjs PART...` makes those alone whose defect or file has one of these in it. `$SYNCLINE_SEEDS` says
// which worlds are run. It fails where a defect is not noticed.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { MUTANTS } from "../tests/browsers/mutants.mjs";
import { createLog } from "./lib/log.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { ROOT, run, runToEnd } from "./lib/run.mjs";

/** What a copy of the project consists of, as far as its native tests need it. */
const COPIED = ["src", "tests", "benches", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];
const COPY = path.join(ROOT, "target", "mutants");
const TARGET = path.join(COPY, "target");
const SEEDS = "0..3000";
const TIMEOUT_MS = 10 * 60_000;

async function main() {
  const log = createLog();
  const parts = process.argv.slice(2);
  const isChosen = ({ defect, file }) => parts.length === 0 || parts.some((part) => `${file} ${defect}`.includes(part));
  const chosen = MUTANTS.filter(isChosen);
  if (chosen.length === 0) throw new Problem(`No mutant has this in its defect or file: ${parts.join(", ")}.`);
  await mkdir(COPY, { recursive: true });
  for (const name of COPIED) await cp(path.join(ROOT, name), path.join(COPY, name), { recursive: true, force: true });
  // What a compiler has left that was interrupted may not link any more.
  await rm(path.join(TARGET, "debug", "incremental"), { recursive: true, force: true });
  await log.step("The tests of the simulation, without a defect", () => run("cargo", ["test", "--test", "browsers"], options()));

  const unnoticed = [];
  for (const mutant of chosen) {
    await log.step(`${mutant.file}: ${mutant.defect}`, async (step) => {
      const by = await noticed(mutant);
      if (by.length === 0) unnoticed.push(mutant);
      step.result(by.length === 0 ? "NOT NOTICED" : by.join(", "));
    });
  }
  log.info(`${chosen.length - unnoticed.length} of ${chosen.length} defects were noticed`);
  if (unnoticed.length > 0) {
    throw new Problem(`Not noticed: ${unnoticed.map(({ defect }) => defect).join("; ")}.`);
  }
}

/** Which tests fail with this defect, or whether it hangs. */
async function noticed({ defect, file, find, put }) {
  const target = path.join(COPY, file);
  const before = await readFile(target, "utf8");
  if (before.split(find).length !== 2) throw new Problem(`The text of '${defect}' is not in ${file} exactly once.`);
  await writeFile(target, before.replace(find, () => put));
  try {
    const { code, output } = await runToEnd("cargo", ["test", "--test", "browsers"], options());
    if (/^error(\[E\d+\])?:/m.test(output) && !output.includes("test result:")) {
      throw new Problem(`With '${defect}' it does not compile.`, { output });
    }
    const failed = [...output.matchAll(/^test (\S+) \.\.\. FAILED$/gm)].map(([, test]) => test);
    const seed = output.match(/seed \d+ fails: .{0,90}/)?.[0];
    return code === 0 ? [] : [...failed.map((test) => test.replace("directed::", "")), ...(seed ? [seed] : [])];
  } finally {
    await writeFile(target, before);
  }
}

function options() {
  const env = { SYNCLINE_SEEDS: process.env.SYNCLINE_SEEDS ?? SEEDS, CARGO_TARGET_DIR: TARGET };
  return { cwd: COPY, env, timeoutMs: TIMEOUT_MS };
}

await runMain(main);
