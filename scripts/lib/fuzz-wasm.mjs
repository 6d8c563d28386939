// Decides how the wasm build gets the inputs of the native fuzzer: written to a file, some thousand at a time, and fed to the
// package by a process that can be ended.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { ROOT, run } from "./run.mjs";

const FEED = path.join(ROOT, "tests", "fuzz", "wasm", "feed.mjs");
const BATCH = 2_000;
/** How long an input may take: they take milliseconds, and an endless loop for ever. */
const LONGEST_MS = 30_000;
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
      const fed = await feed(file, { until, log, signal });
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
function feed(file, { until, log, signal }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [FEED, ROOT, file], { stdio: ["ignore", "pipe", "inherit"] });
    const fed = { seed: -1, escapes: 0, isWhole: false, isEnded: false };
    const leave = () => {
      fed.isEnded = true;
      child.kill("SIGKILL");
    };
    signal.addEventListener("abort", leave);
    const escape = (seed, why) => {
      fed.escapes += 1;
      log.info(`  seed ${seed} escapes: ${why}\n  again with: npm run fuzz -- --wasm --seeds ${seed}..${seed + 1}`);
    };
    let isSaid = false;
    const end = () => {
      isSaid = true;
      escape(fed.seed, `it takes longer than ${LONGEST_MS / 1000} s`);
      child.kill("SIGKILL");
    };
    let timer = setTimeout(end, LONGEST_MS);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const news = JSON.parse(line);
      clearTimeout(timer);
      timer = setTimeout(end, LONGEST_MS);
      if (news.begins !== undefined) fed.seed = news.begins;
      if (Date.now() > until && !fed.isEnded) leave();
      if (news.escape !== undefined) escape(news.escape, news.why);
      if (news.done === undefined) return;
      isSaid = true;
      fed.isWhole = true;
      if (news.bytes > MOST_BYTES) escape(fed.seed, `the process takes ${news.bytes} bytes of memory`);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      if (!isSaid && !fed.isEnded) escape(fed.seed, `the process ended with ${code}`);
      resolve(fed);
    });
  });
}
