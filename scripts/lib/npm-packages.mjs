// Decides whether node_modules is what package-lock.json says, and installs it when it is not.

import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT, run } from "./run.mjs";

/** By itself npm tries a dead network for over a minute before it says so. */
const SHORT_WAITS = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];

/** Runs `npm ci` in `folder` when its node_modules is missing or was made from another package-lock.json. */
export async function ensureNpmPackages({ log, folder = ROOT }) {
  if (isUpToDate(folder)) return;
  const lockFile = path.relative(ROOT, path.join(folder, "package-lock.json"));
  await log.step(`Installing the npm packages of ${lockFile}`, async (step) => {
    await run("npm", ["ci", "--no-audit", "--no-fund", ...SHORT_WAITS], {
      cwd: folder,
      onLine: step.detail,
      problem: "The npm packages could not be installed.",
    });
  });
}

function isUpToDate(folder) {
  const wanted = packagesOf(path.join(folder, "package-lock.json"));
  // npm's own record of what it installed. It is written last, so an install that was cut short leaves none.
  const installed = packagesOf(path.join(folder, "node_modules", ".package-lock.json"));
  if (installed === undefined) return false;
  const missing = Object.entries(wanted).some(([name, entry]) =>
    installed[name] === undefined ? !entry.optional : installed[name].version !== entry.version,
  );
  return !missing && Object.keys(installed).every((name) => name in wanted);
}

function packagesOf(lockFile) {
  try {
    const { "": _root, ...packages } = JSON.parse(readFileSync(lockFile, "utf8")).packages;
    return packages;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
