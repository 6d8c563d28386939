// Decides where the Python of the servers that the tests start comes from: an environment of its own in this user's cache,
// with the pinned packages of tests/servers/requirements.txt.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { findOnPath, installWithApt } from "./apt.mjs";
import { ROOT, probe, run } from "./run.mjs";
import { CACHE } from "./wasm-tools.mjs";

const REQUIREMENTS = path.join(ROOT, "tests", "servers", "requirements.txt");
/** By itself pip tries a dead network for a minute before it says so. */
const SHORT_WAITS = ["--retries", "1", "--timeout", "15"];

/** Makes sure that the environment exists; returns the path of its Python. */
export async function ensurePython({ log, cache = CACHE }) {
  const requirements = await readFile(REQUIREMENTS);
  const folder = path.join(cache, `python-${createHash("sha256").update(requirements).digest("hex").slice(0, 12)}`);
  const python = path.join(folder, "bin", "python");
  // Written last, so an install that was cut short leaves none.
  const stamp = path.join(folder, "installed");
  if (existsSync(stamp) && (await probe(python, ["--version"])) !== undefined) return python;
  const system = await ensureVenv(log);
  await log.step(`Installing the tests' servers in Python, once, into ${folder}`, async (step) => {
    const options = { onLine: step.detail, problem: "The tests' servers in Python could not be installed." };
    await rm(folder, { recursive: true, force: true });
    await run(system, ["-m", "venv", folder], options);
    const pip = [python, ["-m", "pip", "install", "--disable-pip-version-check", ...SHORT_WAITS, "--requirement", REQUIREMENTS]];
    await run(...pip, options);
    await writeFile(stamp, "");
  });
  return python;
}

/** The Python of this machine, after installing what of it is missing. Debian has the module venv in a package of its own. */
async function ensureVenv(log) {
  const found = await pythonWithVenv();
  if (found) return found;
  await installWithApt(log, {
    what: "Python 3 with its module venv",
    packages: ["python3", "python3-venv"],
    otherwise: "put a python3 that has it on the PATH",
  });
  return pythonWithVenv();
}

async function pythonWithVenv() {
  const python = findOnPath(["python3"]);
  if (python === undefined) return undefined;
  return (await probe(python, ["-c", "import ensurepip, venv"])) === undefined ? undefined : python;
}
