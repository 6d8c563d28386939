// Decides how the wasm build gets the inputs of the native fuzzer: written to a file, some thousand at a time, and fed to the
// package by a process that can be ended.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { ROOT, run } from "./run.mjs";

const FEED = path.join(ROOT, "tests", "fuzz", "wasm", "feed.mjs");
const BATCH = 20_000;
/** How long an input may take: they take milliseconds, and an endless loop for ever. */
const LONGEST_MS = 30_000;
const WATCH_MS = 200;
/** What the process may take, of which Node itself is the most: its documents are closed after each input. */
const MOST_BYTES = 1_000_000_000;

/** Feeds the share of the seeds to the wasm; what ends the process is an escape, after which another one goes on. */
export async function feedWasm(program, share, { state, job, log, signal }) {
  const { first, last = Infinity, until = Infinity } = share;
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-fuzz-"));
  const file = path.join(folder, "inputs");
  try {
    for (let next = state.next(job, first); next < last && Date.now() < until && !signal.aborted; ) {
      const end = Math.min(next + BATCH, last);
      await run(program, ["inputs_are_written"], { env: { SYNCLINE_SEEDS: `${next}..${end}`, SYNCLINE_FUZZ_FILE: file } });
      const part = state.begin(job, next);
      const fed = await feed(file, { seed: next, until, log, signal });
      part.escapes += fed.escapes;
      part.next = fed.isWhole ? end : fed.isEnded ? fed.seed : fed.seed + 1;
      next = part.next;
      state.note();
      log.info(`  up to seed ${next - 1}: ${state.run.jobs[job].reduce((sum, { escapes }) => sum + escapes, 0)} escapes`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Feeds one file; says how far it came. */
function feed(file, { seed, until, log, signal }) {
  return new Promise((resolve) => {
    const seedFile = `${file}-${seed}`;
    const child = spawn(process.execPath, [FEED, ROOT, file, seedFile], { stdio: ["ignore", "pipe", "inherit"] });
    const fed = { seed, escapes: 0, isWhole: false, isEnded: false };
    const escape = (seed, why) => {
      fed.escapes += 1;
      log.info(`  seed ${seed} escapes: ${why}\n  again with: npm run fuzz -- --wasm --seeds ${seed}..${seed + 1}`);
    };
    const leave = () => {
      fed.isEnded = true;
      child.kill("SIGKILL");
    };
    signal.addEventListener("abort", leave);
    let hang;
    let changed = Date.now();
    const watch = setInterval(() => {
      const before = fed.seed;
      fed.seed = seedIn(seedFile, before);
      if (fed.seed !== before) changed = Date.now();
      if (Date.now() > until) return leave();
      if (Date.now() - changed < LONGEST_MS || fed.isWhole) return;
      hang = `it takes longer than ${LONGEST_MS / 1000} s`;
      child.kill("SIGKILL");
    }, WATCH_MS);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const news = JSON.parse(line);
      if (news.escape !== undefined) escape(news.escape, news.why);
      if (news.done === undefined) return;
      fed.isWhole = true;
      if (news.bytes > MOST_BYTES) escape(fed.seed, `the process takes ${news.bytes} bytes of memory`);
    });
    child.on("close", (code) => {
      clearInterval(watch);
      signal.removeEventListener("abort", leave);
      fed.seed = seedIn(seedFile, fed.seed);
      if (!fed.isWhole && !fed.isEnded) escape(fed.seed, hang ?? `the process ended with ${code}`);
      resolve(fed);
    });
  });
}

/** The seed that the process is at, or was when it ended. */
function seedIn(file, before) {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || before;
  } catch {
    // It has not begun.
    return before;
  }
}
