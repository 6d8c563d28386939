// Decides where the projects of these tests live: outside of this one, so that they find no package but their own; the
// package as `npm pack` packs it, their sources new each time, the packages from the registry kept.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { ensureNpmPackages } from "../../../scripts/lib/npm-packages.mjs";
import { ROOT, run } from "../../../scripts/lib/run.mjs";

const FIXTURES = path.join(ROOT, "tests", "packaging");
const PACKAGE = path.join(ROOT, "pkg");
/** Of this clone alone: others may have another package in theirs. */
const CLONE = createHash("sha256").update(ROOT).digest("hex").slice(0, 12);
const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "syncline", "packaging", CLONE);

/** Tools of the projects that would call home. */
const QUIET = { NEXT_TELEMETRY_DISABLED: "1" };

const SILENT = { step: (_title, work) => work({ detail: () => {}, result: () => {} }), info: () => {} };

/** The names of the projects that every machine needs. */
export async function projectNames() {
  const names = await readdir(path.join(FIXTURES, "projects"));
  return names.filter((name) => name !== "node-20");
}

/** Copies the project `name` and installs what it has from the registry. Returns where it is. */
export async function installProject(name, { log = SILENT } = {}) {
  const folder = path.join(CACHE, name);
  await mkdir(folder, { recursive: true });
  await removeAllBut(folder, ["node_modules"]);
  const isSource = (file) => path.basename(file) !== "node_modules";
  await cp(path.join(FIXTURES, "projects", name), folder, { recursive: true, filter: isSource });
  await cp(path.join(FIXTURES, "shared"), path.join(folder, "src"), { recursive: true });
  if (existsSync(path.join(folder, "package-lock.json"))) await ensureNpmPackages({ log, folder });
  return folder;
}

/**
 * Makes the project `name` ready to be built, with the package installed from its tarball.
 * @returns {Promise<Project>}
 */
export async function prepareProject(name) {
  const folder = await installProject(name);
  // What Vite made of an earlier package.
  await rm(path.join(folder, "node_modules", ".vite"), { recursive: true, force: true });
  await installPackage(folder);
  return new Project(folder);
}

class Project {
  constructor(folder) {
    this.folder = folder;
  }

  /** Runs a script of its package.json to its end; rejects with the output when it fails. */
  async npm(script) {
    const { output } = await run("npm", ["run", script], { cwd: this.folder, env: QUIET, timeoutMs: 240_000 });
    return output;
  }

  /** Runs `program`, a Node, in its folder. */
  node(program, ...args) {
    return run(program, args, { cwd: this.folder, timeoutMs: 60_000 });
  }

  file(...names) {
    return path.join(this.folder, ...names);
  }

  /** What a program that serves the project is started with. */
  get serving() {
    return { cwd: this.folder, env: { ...process.env, ...QUIET } };
  }
}

async function removeAllBut(folder, kept) {
  for (const entry of await readdir(folder)) {
    if (!kept.includes(entry)) await rm(path.join(folder, entry), { recursive: true });
  }
}

/** Does what `npm install syncline.tgz` does, which would take npm's view of all other packages into account again. */
async function installPackage(folder) {
  const packed = await mkdtemp(path.join(tmpdir(), "syncline-packed-"));
  try {
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", packed], { cwd: PACKAGE });
    const installed = path.join(folder, "node_modules", "syncline");
    await rm(installed, { recursive: true, force: true });
    await mkdir(installed, { recursive: true });
    const tarball = path.join(packed, JSON.parse(stdout)[0].filename);
    await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
  } finally {
    await rm(packed, { recursive: true });
  }
}
