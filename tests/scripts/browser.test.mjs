// The browsers of the tests are those that the environment names, and a machine without one is told how to get it.

import assert from "node:assert/strict";
import test from "node:test";
import { ensureBrowser, ensureFirefox, findBrowser, findFirefox } from "../../scripts/lib/browser.mjs";
import { silent } from "../../scripts/lib/log.mjs";

/** Runs `work` where the environment has `changes`; a value that is undefined is not there. */
async function withEnvironment(changes, work) {
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, process.env[name]]));
  set(changes);
  try {
    await work();
  } finally {
    set(before);
  }
}

function set(values) {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

test("browsers that the environment names come before those on the PATH", async () => {
  const named = { CHROME: "/a/chrome", CHROMEDRIVER: "/a/driver", FIREFOX: "/a/firefox", PATH: "/nonexistent" };
  await withEnvironment(named, async () => {
    assert.deepEqual(findBrowser(), { chrome: "/a/chrome", chromedriver: "/a/driver" });
    assert.equal(findFirefox(), "/a/firefox");
  });
});

test("a machine without a browser and without apt-get is told what to install", async () => {
  const bare = { CHROME: undefined, CHROMEDRIVER: undefined, FIREFOX: undefined, PATH: "/nonexistent" };
  await withEnvironment(bare, async () => {
    await assert.rejects(ensureBrowser({ log: silent }), {
      name: "Problem",
      message: /^The tests need Chromium and chromedriver: .*apt-get install chromium chromium-driver.*CHROMEDRIVER/,
    });
    await assert.rejects(ensureFirefox({ log: silent }), {
      name: "Problem",
      message: /^The tests need Firefox: .*apt-get install firefox-esr.*FIREFOX/,
    });
  });
});
