// Decides what `npm test` does: all groups of tests but the opt-in ones in order, on a machine that may have nothing but Rust and Node.
//
// `node scripts/test.mjs GROUP...` runs some of them. The last line is `N passed, N failed`, over everything that ran.

import { createLog } from "./lib/log.mjs";
import { inWords, READERS, sum } from "./lib/counts.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { runToEnd } from "./lib/run.mjs";
import { testGroups } from "./lib/test-groups.mjs";
import { checkNode, ensureRust } from "./lib/toolchain.mjs";

const PART_TIMEOUT_MS = 30 * 60_000;
const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const ONE_FAILED = { ...NOTHING, failed: 1 };

async function main() {
  checkNode();
  const log = createLog();
  const groups = chosenGroups(testGroups({ log }), process.argv.slice(2));
  await ensureNpmPackages({ log });
  await ensureRust({ log });

  const results = [];
  for (const group of groups) results.push({ name: group.name, counts: await runGroup(group, log) });

  log.info("");
  for (const { name, counts } of results) log.info(`  ${name.padEnd(8)} ${inWords(counts)}`);
  log.info("");
  const total = sum(results.map(({ counts }) => counts));
  process.exitCode = total.failed > 0 ? 1 : 0;
  log.info(inWords(total));
}

function chosenGroups(groups, names) {
  const unknown = names.find((name) => !groups.some((group) => group.name === name));
  if (unknown !== undefined) {
    throw new Problem(`There is no group of tests '${unknown}': choose from ${groups.map(({ name }) => name).join(", ")}.`);
  }
  return groups.filter(({ name, isOptIn }) => (names.length === 0 ? !isOptIn : names.includes(name)));
}

/** Runs a group to its end; what keeps it from running, and a group that runs no test, count as one failure. */
async function runGroup(group, log) {
  log.info(`\n${group.title}`);
  const counts = [];
  try {
    for (const part of await group.parts()) counts.push(await runPart(part, log));
  } catch (error) {
    await runMain(() => Promise.reject(error));
    counts.push(ONE_FAILED);
  }
  const total = sum(counts);
  if (total.passed + total.failed > 0) return total;
  log.info("✗ This group ran no test, which is a failure.");
  return ONE_FAILED;
}

async function runPart({ title, command: [program, ...args], counts, env }, log) {
  return log
    .step(title, async (step) => {
      const { code, output } = await runToEnd(program, args, { env, onLine: step.detail, timeoutMs: PART_TIMEOUT_MS });
      const found = counts ? READERS[counts](output) : NOTHING;
      // A failure that the numbers do not show, such as a crash, is one all the same.
      const total = code !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found;
      if (counts) step.result(inWords(total));
      if (total.failed > 0) throw new PartFailed(total, output);
      return total;
    })
    .catch((error) => {
      if (!(error instanceof PartFailed)) throw error;
      log.info(`${error.output}\n✗ ${title}: the output stands above. Command: ${[program, ...args].join(" ")}`);
      return error.counts;
    });
}

class PartFailed extends Error {
  constructor(counts, output) {
    super("a part failed");
    this.counts = counts;
    this.output = output;
  }
}

await runMain(main);
