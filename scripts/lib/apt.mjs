// Decides how a program is found on this machine, and how one that is missing is installed where apt-get may be used.

import { accessSync, constants } from "node:fs";
import path from "node:path";
import { Problem } from "./problem.mjs";
import { probe, run } from "./run.mjs";

const SERVER_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * Installs Debian packages, which it says; fails with what to do where that is not possible.
 * @param {import("./log.mjs").Log} log
 * @param {{ what: string, packages: string[], otherwise: string, needs?: string }} wanted `otherwise` is what
 *   the reader can do instead, `needs` says who needs it
 */
export async function installWithApt(log, { what, packages, otherwise, needs = "The tests need" }) {
  const installer = await aptGet();
  if (!installer) {
    const command = `apt-get install ${packages.join(" ")}`;
    throw new Problem(`${needs} ${what}: install it (Debian: \`${command}\`), or ${otherwise}.`);
  }
  await log.step(`Installing ${what} system-wide with apt-get`, async (step) => {
    const apt = (...args) =>
      run(installer[0], [...installer.slice(1), ...args], {
        onLine: step.detail,
        env: { DEBIAN_FRONTEND: "noninteractive" },
        problem: `${needs} ${what}, which could not be installed with apt-get; install ${packages.join(" and ")} yourself.`,
      });
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", ...packages);
  });
}

/** The command that runs apt-get with the rights to install, where there is one. */
async function aptGet() {
  if (!findOnPath(["apt-get"])) return undefined;
  if (process.getuid?.() === 0) return ["apt-get"];
  return (await probe("sudo", ["-n", "true"])) === undefined ? undefined : ["sudo", "-n", "apt-get"];
}

/** Where the first of these programs is that is on the PATH; undefined where there is none. */
export function findOnPath(names) {
  return findIn(pathFolders(), names);
}

/** As {@link findOnPath}, for servers, which are in folders that only root has on the PATH. */
export function findServer(names) {
  return findIn([...pathFolders(), ...SERVER_FOLDERS], names);
}

function pathFolders() {
  return (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
}

function findIn(folders, names) {
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
