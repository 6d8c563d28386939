// Decides which browser the tests run in, and with which arguments; where there is none and apt-get may be used, gets it.

import { accessSync, constants } from "node:fs";
import path from "node:path";
import { Problem } from "./problem.mjs";
import { probe, run } from "./run.mjs";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVERS = ["chromedriver"];

/**
 * What Chromium is started with. Nothing here but to keep it quiet: no sandbox where it refuses to have one (root), no
 * look-ups of its maker's hosts.
 */
export const BROWSER_ARGUMENTS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];

/** Where the browser and its driver are, each undefined where there is none. `$CHROME` and `$CHROMEDRIVER` come first. */
export function findBrowser() {
  return {
    chrome: process.env.CHROME || findOnPath(BROWSERS),
    chromedriver: process.env.CHROMEDRIVER || findOnPath(DRIVERS),
  };
}

/** As {@link findBrowser}, after installing what is missing with apt-get, which it says; fails where it can't. */
export async function ensureBrowser({ log }) {
  const found = findBrowser();
  if (found.chrome && found.chromedriver) return found;
  const installer = await aptGet();
  if (!installer) {
    throw new Problem(
      "The tests need Chromium and chromedriver: install both (Debian: `apt-get install chromium chromium-driver`), or set CHROME and CHROMEDRIVER to their paths.",
    );
  }
  await log.step("Installing Chromium and chromedriver system-wide with apt-get, as the tests need a browser", async (step) => {
    const apt = (...args) =>
      run(installer[0], [...installer.slice(1), ...args], {
        onLine: step.detail,
        env: { DEBIAN_FRONTEND: "noninteractive" },
        problem: "Chromium could not be installed with apt-get; install chromium and chromium-driver yourself.",
      });
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", "chromium", "chromium-driver");
  });
  return findBrowser();
}

/** The command that runs apt-get with the rights to install, where there is one. */
async function aptGet() {
  if (!findOnPath(["apt-get"])) return undefined;
  if (process.getuid?.() === 0) return ["apt-get"];
  return (await probe("sudo", ["-n", "true"])) === undefined ? undefined : ["sudo", "-n", "apt-get"];
}

function findOnPath(names) {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
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
