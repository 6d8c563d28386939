// Decides which browsers the tests run in, and with which arguments; where one is missing and apt-get may be used, gets it.

import { findOnPath, installWithApt } from "./apt.mjs";

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
  await installWithApt(log, {
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
  await installWithApt(log, { what: "Firefox", packages: ["firefox-esr"], otherwise: "set FIREFOX to its path" });
  return findFirefox();
}
