// Decides what `npm run mutants` does: makes one defect after the other in a copy of the project, and tells which the simulations notice.
//
// `node scripts/mutants.mjs PART...` makes those alone whose defect, file or world has one of these in it. `$SYNCLINE_SEEDS`
// says which seeds are run. It fails where a defect is not noticed. `--record` writes the result to docs/reliability.md.

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { MUTANTS as OF_BROWSERS } from "../tests/browsers/mutants.mjs";
import { MUTANTS as OF_OTHERS } from "../tests/simulation/mutants.mjs";
import { createLog } from "./lib/log.mjs";
import { betweenMarks } from "./lib/marks.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { probe, ROOT, run, runToEnd } from "./lib/run.mjs";

/** What a copy of the project consists of, as far as its native tests need it. */
const COPIED = ["src", "tests", "benches", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];
const COPY = path.join(ROOT, "target", "mutants");
const TARGET = path.join(COPY, "target");
const SEEDS = "0..3000";
const TIMEOUT_MS = 10 * 60_000;
/** What takes long and is about traces. */
const SKIPPED = ["--skip", "what_is_left_of_a_long_trace"];
const PAGE = path.join(ROOT, "docs", "reliability.md");
const MUTANTS = [...OF_OTHERS, ...OF_BROWSERS.map((mutant) => ({ world: "browsers", ...mutant }))];

async function main() {
  const log = createLog();
  const parts = process.argv.slice(2).filter((part) => part !== "--record");
  const records = parts.length < process.argv.length - 2;
  const commit = await probe("git", ["rev-parse", "--short", "HEAD"]);
  const isChosen = ({ world, defect, file }) => parts.length === 0 || parts.some((part) => `${world} ${file} ${defect}`.includes(part));
  const chosen = MUTANTS.filter(isChosen);
  if (chosen.length === 0) throw new Problem(`No mutant has this in its defect or file: ${parts.join(", ")}.`);
  await mkdir(COPY, { recursive: true });
  for (const name of COPIED) await cp(path.join(ROOT, name), path.join(COPY, name), { recursive: true, force: true });
  // What a compiler has left that was interrupted may not link any more.
  await rm(path.join(TARGET, "debug", "incremental"), { recursive: true, force: true });
  const worlds = [...new Set(chosen.map(({ world }) => world))];
  const tests = worlds.flatMap((world) => ["--test", world]);
  await log.step("The tests of the simulations, without a defect", () => run("cargo", ["test", ...tests, "--", ...SKIPPED], options()));

  const unnoticed = [];
  for (const mutant of chosen) {
    await log.step(`${mutant.world}, ${mutant.file}: ${mutant.defect}`, async (step) => {
      const by = await noticed(mutant);
      if (by.length === 0) unnoticed.push(mutant);
      step.result(by.length === 0 ? "NOT NOTICED" : by.join(", "));
    });
  }
  log.info(`${chosen.length - unnoticed.length} of ${chosen.length} defects were noticed`);
  if (records) await record({ chosen, unnoticed, commit });
  if (unnoticed.length > 0) {
    throw new Problem(`Not noticed: ${unnoticed.map(({ defect }) => defect).join("; ")}.`);
  }
}

/** Which tests fail with this defect, or whether it hangs. */
async function noticed({ world, defect, file, find, put }) {
  const target = path.join(COPY, file);
  const before = await readFile(target, "utf8");
  if (before.split(find).length !== 2) throw new Problem(`The text of '${defect}' is not in ${file} exactly once.`);
  await writeFile(target, before.replace(find, () => put));
  try {
    const { code, output } = await runToEnd("cargo", ["test", "--test", world, "--", ...SKIPPED], options());
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

/** Writes how many were noticed, and by which simulation, where the page has a place for it. */
async function record({ chosen, unnoticed, commit }) {
  const count = (list, world) => list.filter((mutant) => mutant.world === world).length;
  const rows = [...new Set(chosen.map(({ world }) => world))].map((world) => {
    const made = count(chosen, world);
    return `| \`tests/${world}\` | ${made} | ${made - count(unnoticed, world)} |`;
  });
  const text = [
    "",
    "| simulation | defects | noticed |",
    "| --- | ---: | ---: |",
    ...rows,
    "",
    `On ${new Date().toISOString().slice(0, 10)} at commit \`${commit}\`, seeds ${options().env.SYNCLINE_SEEDS}: **${chosen.length - unnoticed.length} of ${chosen.length} defects were noticed**.`,
    ...unnoticed.map(({ world, defect }) => `Not by \`tests/${world}\`: ${defect}.`),
    "",
  ].join("\n");
  await writeFile(PAGE, betweenMarks(await readFile(PAGE, "utf8"), "`npm run mutants -- --record`", "mutants", text));
}

function options() {
  const env = { SYNCLINE_SEEDS: process.env.SYNCLINE_SEEDS ?? SEEDS, CARGO_TARGET_DIR: TARGET };
  return { cwd: COPY, env, timeoutMs: TIMEOUT_MS };
}

await runMain(main);
