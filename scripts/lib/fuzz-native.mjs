// Decides how the native fuzzer is run: what ends its process is an escape, after which it goes on with the next seed.

import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setImmediate as breath } from "node:timers/promises";
import { runToEnd } from "./run.mjs";

/**
 * What AddressSanitizer is told. Half of what an input takes is the work of its allocator, and these make it less. An input frees
 * a tenth of a megabyte on average, so that what was freed need not be watched for long.
 */
const SANITIZER = {
  detect_leaks: 0,
  malloc_context_size: 1,
  max_malloc_fill_size: 0,
  max_redzone: 16,
  quarantine_size_mb: 2,
  thread_local_quarantine_size_kb: 256,
};

/** Runs the share of the seeds; what is done is noted in the state. */
export async function runNative(program, share, { state, job, log, signal }) {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-fuzz-"));
  const [file, copy] = [path.join(folder, "seed"), path.join(folder, "fuzz")];
  try {
    // A run of days must not have its program replaced by whoever builds meanwhile.
    await copyFile(program, copy);
    for (let first = state.next(job, share.first); isLeft(share, first, signal); ) {
      const part = state.begin(job, first);
      await runProgram(copy, file, { ...share, first }, { state, part, log, signal });
      first = part.next;
      state.note();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isLeft({ last = Infinity, until = Infinity }, first, signal) {
  return first < last && Date.now() < until && !signal.aborted;
}

/** Runs the fuzzer until it ends, or something ends it. */
async function runProgram(program, file, share, { state, part, log, signal }) {
  const { code, output } = await runToEnd(program, ["no_hostile", "--nocapture", "--test-threads=1"], {
    signal,
    env: { ...environment(share), SYNCLINE_FUZZ_SEED_FILE: file, ASAN_OPTIONS: Object.entries(SANITIZER).map((pair) => pair.join("=")).join(":") },
    onLine: (line) => {
      if (!line.startsWith("fuzz:")) return;
      log.info(`  ${line.slice(6)}`);
      if (/^fuzz: seed \d+ escapes/.test(line)) part.escapes += 1;
      const reached = /the next seed is (\d+)$/.exec(line)?.[1];
      if (reached) part.next = Number(reached);
      state.note();
    },
  });
  // It has come to its end, and its last line has said how far.
  if (/^test result/m.test(output)) return;
  const seed = Number(await readFile(file, "utf8").catch(() => share.first));
  // Who is at the terminal ends both at once, and the program may be the first to be heard of.
  await breath();
  if (signal.aborted) return void (part.next = seed);
  part.next = seed + 1;
  if (output.includes("takes longer")) return;
  part.escapes += 1;
  log.info(`  seed ${seed} escapes: the process ended with ${code}; again with: npm run fuzz -- --seeds ${seed}..${seed + 1}\n${cause(output)}`);
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
