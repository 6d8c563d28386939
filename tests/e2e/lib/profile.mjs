// Decides how a test has a browser that remembers: Chromium or Firefox with a profile folder of its own, killed and started again.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as passed } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { BROWSER_ARGUMENTS, findBrowser, findFirefox } from "../../../scripts/lib/browser.mjs";

const DEADLINE_MS = 60_000;

/** Puppeteer has hidden tabs run as if they were seen; people's browsers do not. */
const TOO_KIND = ["--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"];

const KINDS = {
  chromium: () => ({
    browser: "chrome",
    executablePath: findBrowser().chrome,
    args: BROWSER_ARGUMENTS,
    ignoreDefaultArgs: TOO_KIND,
  }),
  firefox: () => ({ browser: "firefox", executablePath: findFirefox() }),
};

/**
 * Starts a browser, headless, on a new profile.
 * @param {"chromium" | "firefox"} kind
 * @param {object} [launching] further options for Puppeteer
 */
export async function startProfile(kind = "chromium", launching = {}) {
  const profile = new Profile(kind, await mkdtemp(path.join(tmpdir(), `syncline-${kind}-`)), launching);
  await profile.start();
  return profile;
}

/** A profile, and the browser that runs on it. */
export class Profile {
  #folder;
  #launching;
  #browser;

  constructor(kind, folder, launching = {}) {
    this.kind = kind;
    this.#folder = folder;
    this.#launching = launching;
  }

  /** Where the profile is. */
  get folder() {
    return this.#folder;
  }

  /** Starts the browser, which must not run. */
  async start() {
    const options = KINDS[this.kind]();
    assert(options.executablePath, `there is no ${this.kind}: \`npm run test:e2e\` installs it, or $CHROME and $FIREFOX name it`);
    this.#browser = await puppeteer.launch({ ...options, ...this.#launching, headless: true, userDataDir: this.#folder, timeout: DEADLINE_MS });
  }

  /** Opens a tab, shown in front of the others. */
  async newTab() {
    const page = await this.#browser.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    return page;
  }

  /** Ends all processes of the browser at once, with nothing flushed, as a crash of it does; resolves when none is left. */
  async kill() {
    const main = this.#browser.process();
    // It was started as the leader of a process group, so that this reaches what it has started itself, and nothing else.
    if (isRunning(main)) {
      const ended = once(main, "exit");
      process.kill(-main.pid, "SIGKILL");
      await ended;
    }
    // Whoever is the last to die may still lock the files that the next browser opens.
    const deadline = performance.now() + DEADLINE_MS;
    while (hasMembers(main.pid) && performance.now() < deadline) await passed(5);
    // Puppeteer puts the preferences of Firefox back when it has ended, which must not meet its next start. Its `close()`
    // does not wait for that where the connection broke first.
    if (this.kind === "firefox") {
      await this.#browser.close().catch(() => {});
      const isRestoring = () => readdirSync(this.#folder).some((name) => name.endsWith(".puppeteer"));
      while (isRestoring() && performance.now() < deadline) await passed(5);
    }
  }

  /** Kills the browser and starts it again with what it had stored. */
  async restart() {
    await this.kill();
    await this.start();
  }

  /** Ends the browser for good and deletes its profile. */
  async close() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function isRunning({ exitCode, signalCode }) {
  return exitCode === null && signalCode === null;
}

/** Whether a process of the group `leader` runs. Those that have ended but were not buried yet lock nothing. */
function hasMembers(leader) {
  return processes().some(({ group, state }) => group === leader && state !== "Z");
}

/** The processes of this machine, where it tells of them as Linux does. */
function processes() {
  const ids = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  return ids.flatMap((id) => {
    try {
      // The name, in parentheses, may hold anything.
      const [state, , group] = readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1).split(" ");
      return { state, group: Number(group) };
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}
