// Decides where the tests find the package: built in pkg/, and packed and unpacked again as npm installs it.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const PACKAGE = path.join(ROOT, "pkg");

const execute = promisify(execFile);

if (!existsSync(path.join(PACKAGE, "package.json"))) {
  throw new Error("There is no package to test: run `node scripts/build.mjs` first.");
}

/** Imports a module of the package by its file name, inner ones too. */
export function importBuilt(file) {
  return import(pathToFileURL(path.join(PACKAGE, "dist", file)).href);
}

/** Runs a program to its end; rejects when it fails, with its output. */
export async function run(program, args, options) {
  try {
    return await execute(program, args, { ...options, maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout ?? ""}${error.stderr ?? ""}`, { cause: error });
  }
}

/**
 * Packs the package with `npm pack` and unpacks it into the node_modules of an empty project.
 * @returns {Promise<{ tarball: string, files: string[], project: string, remove: () => Promise<void> }>}
 */
export async function installPacked() {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-package-"));
  const project = path.join(folder, "app");
  await mkdir(project);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { stdout } = await run(npm, ["pack", "--json", "--pack-destination", project], { cwd: PACKAGE });
  const [packed] = JSON.parse(stdout);
  const tarball = path.join(project, packed.filename);
  await run("tar", ["-xzf", tarball, "-C", project]);
  await mkdir(path.join(project, "node_modules"));
  await rename(path.join(project, "package"), path.join(project, "node_modules", "syncline"));
  // Peers are the app's own, whichever they are: an app with Yjs has Yjs.
  await symlink(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"), "junction");
  return {
    tarball,
    files: packed.files.map((file) => file.path),
    project,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
