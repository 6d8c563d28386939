// Decides which steps of a build need not run again: those that ran before on the same inputs.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "./run.mjs";

/** Where steps keep what they made, whatever CARGO_TARGET_DIR says. Not in git; may be deleted at any time. */
export const WORK = path.join(ROOT, "target", "package");

/**
 * Runs `work` unless it ran before with the same inputs and its outputs are still there.
 * @param {string} name of the step, unique
 * @param {{ files: string[], values?: string[], outputs: string[] }} step `files` are read, folders with all they hold
 * @param {() => Promise<void>} work
 */
export async function unlessDone(name, { files, values = [], outputs }, work) {
  const stamp = path.join(WORK, "done", name);
  const hash = await hashOf(files, values);
  const before = existsSync(stamp) ? await readFile(stamp, "utf8") : undefined;
  if (before === hash && outputs.every(existsSync)) return;
  // Gone while the step runs: one that is interrupted has to run again.
  await rm(stamp, { force: true });
  await work();
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, hash);
}

async function hashOf(files, values) {
  const hash = createHash("sha256").update(JSON.stringify(values));
  for (const file of (await Promise.all(files.map(filesIn))).flat()) {
    const content = await readFile(file);
    hash.update(`\0${path.relative(ROOT, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

async function filesIn(entry) {
  if ((await stat(entry)).isFile()) return [entry];
  const names = await readdir(entry, { recursive: true, withFileTypes: true });
  return names
    .filter((name) => name.isFile())
    .map((name) => path.join(name.parentPath ?? name.path, name.name))
    .sort();
}
