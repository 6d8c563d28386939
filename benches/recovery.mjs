// Decides how it is measured what a trap costs, and what it costs to be ready for one: in Node, of the package in pkg/.
//
// `node benches/recovery.mjs [--before FOLDER] [--record]`: FOLDER is the package of a build to compare a keystroke with, in
// the same run, in turns. `--record` writes the result into docs/reliability.md.

import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { betweenMarks } from "../scripts/lib/marks.mjs";
import { Problem, runMain } from "../scripts/lib/problem.mjs";
import { ROOT } from "../scripts/lib/run.mjs";
import { loadTrace } from "./lib/trace.mjs";

const PAGE = path.join(ROOT, "docs", "reliability.md");
const WRITER = "`node benches/recovery.mjs --record`";
const TRAPS = 200;
const [ROUNDS, KEYSTROKES] = [40, 500];
/** How many operations of the session go into one transaction while the document is made. */
const AT_ONCE = 1000;

const turn = () => new Promise((resolve) => setImmediate(resolve));
const openIn = async (folder) => {
  const { open } = await import(pathToFileURL(path.join(folder, "dist", "index.node.js")).href);
  return open("ws://127.0.0.1:1", "room", { connect: false });
};

/** The document of the session, with somebody who observes it. */
async function written(folder, operations) {
  const doc = await openIn(folder);
  const text = doc.text("text");
  for (let from = 0; from < operations.length; from += AT_ONCE) {
    doc.transact(() => {
      for (const [index, deleted, inserted] of operations.slice(from, from + AT_ONCE)) {
        if (deleted > 0) text.delete(index, deleted);
        if (inserted) text.insert(index, inserted);
      }
    });
  }
  text.observe(() => {});
  // What is kept of the session is said in few records meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { doc, text };
}

/** Times from the call that traps until it has edited, in another instance: of the clock, and of the processor. */
async function recoveries({ doc, text }) {
  const [times, work] = [[], []];
  const { now } = Date;
  for (let number = 0; number < TRAPS; number += 1) {
    const index = Math.floor((text.length * number) / TRAPS);
    const length = text.length;
    // The wasm asks for the time when it commits, and does not expect an exception.
    Date.now = () => {
      // A document that brings down several within a minute is stopped.
      Date.now = () => now() + number * 60_000;
      throw new WebAssembly.RuntimeError("unreachable");
    };
    const [begun, before] = [performance.now(), process.cpuUsage()];
    doc.transact(() => text.insert(index, "x"));
    const { user, system } = process.cpuUsage(before);
    times.push(performance.now() - begun);
    work.push((user + system) / 1000);
    if (text.length !== length + 1 || doc.status.recovered?.count !== number + 1) throw new Error("it did not recover");
    await turn();
  }
  Date.now = now;
  for (const all of [times, work]) all.sort((a, b) => a - b);
  return { times, work };
}

/** Medians of a keystroke, commit and delivery included, in turns of both packages. */
async function keystrokes(folders, operations) {
  const stages = [];
  for (const folder of folders) stages.push({ ...(await written(folder, operations)), times: [] });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { doc, text, times } of round % 2 ? stages : [...stages].reverse()) times.push(await type(doc, text));
  }
  for (const { doc } of stages) await doc.close();
  return stages.map(({ times }) => median(times.slice(4)));
}

async function type(doc, text) {
  const at = Math.floor(text.length / 2);
  // Of the processor: what else runs on the machine does not count.
  const before = process.cpuUsage();
  for (let number = 0; number < KEYSTROKES; number += 1) doc.transact(() => text.insert(at + number, "x"));
  const { user, system } = process.cpuUsage(before);
  await turn();
  return (user + system) / KEYSTROKES;
}

const median = (times) => quantile([...times].sort((a, b) => a - b), 0.5);
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

function options(args) {
  const rest = [...args];
  const found = { before: undefined, record: false };
  while (rest.length > 0) {
    const name = rest.shift();
    if (name === "--record") found.record = true;
    else if (name === "--before" && rest.length > 0) found.before = path.resolve(rest.shift());
    else throw new Problem(`There is no option '${name}', only --before FOLDER and --record.`);
  }
  return found;
}

async function main() {
  const { before, record } = options(process.argv.slice(2));
  const { name, operations } = await loadTrace();
  const here = path.join(ROOT, "pkg");
  const stage = await written(here, operations);
  const { times, work } = await recoveries(stage);
  const length = stage.text.length;
  await stage.doc.close();
  const lines = [
    `| from the trap to the edit made, ${TRAPS} traps | median | 99 % |`,
    "| --- | ---: | ---: |",
    `| ms of the clock | ${quantile(times, 0.5).toFixed(1)} | ${quantile(times, 0.99).toFixed(1)} |`,
    `| ms of the processor | ${quantile(work, 0.5).toFixed(1)} | ${quantile(work, 0.99).toFixed(1)} |`,
    "",
    `The document is that of ${name}: ${operations.length} operations, ${length} characters.`,
  ];
  if (before) {
    const [old, own] = await keystrokes([before, here], operations);
    lines.push(
      `A keystroke in it, committed and told at once, takes ${own.toFixed(1)} µs of the processor with what is kept for this, and took ${old.toFixed(1)} µs in` +
        ` the build before, in turns of the same run: ${(own / old).toFixed(3)} of it (${ROUNDS} turns of ${KEYSTROKES} each).`,
    );
  }
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  const day = new Date().toISOString().slice(0, 10);
  lines.push("", `Measured on ${day} at ${commit}, Node ${process.versions.node}, ${os.cpus().length} cores of ${os.cpus()[0]?.model.trim()}, with ${os.loadavg()[0].toFixed(0)} programs that wanted to run.`);
  console.log(lines.join("\n"));
  if (record) await writeFile(PAGE, betweenMarks(await readFile(PAGE, "utf8"), WRITER, "recoveries", lines.join("\n")));
}

await runMain(main);
