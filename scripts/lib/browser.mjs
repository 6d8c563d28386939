// Decides which browsers the tests run in, and with which arguments; where one is missing and apt-get may be used, gets it.

import { accessSync, constants } from "node:fs";
import path from "node:path";
import { Problem } from "./problem.mjs";
import { probe, run } from "./run.mjs";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVERS = ["chromedriver"];
const FIREFOXES = ["firefox-esr", "firefox"];

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

/** Where Firefox is, undefined where there is none. `$FIREFOX` comes first. It needs no driver: it speaks WebDriver BiDi. */
export function findFirefox() {
  return process.env.FIREFOX || findOnPath(FIREFOXES);
}

/** As {@link findBrowser}, after installing what is missing with apt-get, which it says; fails where it can't. */
export async function ensureBrowser({ log }) {
  const found = findBrowser();
  if (found.chrome && found.chromedriver) return found;
  await install(log, {
    what: "Chromium and chromedriver",
    packages: ["chromium", "chromium-driver"],
    otherwise: "set CHROME and CHROMEDRIVER to their paths",
  });
  return findBrowser();
}

/** As {@link findFirefox}, after installing it with apt-get where it is missing, which it says; fails where it can't. */
export async function ensureFirefox({ log }) {
  const found = findFirefox();
  if (found) return found;
  await install(log, { what: "Firefox", packages: ["firefox-esr"], otherwise: "set FIREFOX to its path" });
  return findFirefox();
}

async function install(log, { what, packages, otherwise }) {
  const installer = await aptGet();
  if (!installer) {
    const command = `apt-get install ${packages.join(" ")}`;
    throw new Problem(`The tests need ${what}: install it (Debian: \`${command}\`), or ${otherwise}.`);
  }
  await log.step(`Installing ${what} system-wide with apt-get, as the tests need it`, async (step) => {
    const apt = (...args) =>
      run(installer[0], [...installer.slice(1), ...args], {
        onLine: step.detail,
        env: { DEBIAN_FRONTEND: "noninteractive" },
        problem: `${what} could not be installed with apt-get; install ${packages.join(" and ")} yourself.`,
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
