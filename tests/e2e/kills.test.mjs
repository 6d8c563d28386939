// While a server or a browser is killed again and again, and people type all the time, nothing is lost that was said to be held or
// stored; `npm run kills` does it for longer.

import assert from "node:assert/strict";
import test from "node:test";
import { killBrowser } from "../kills/lib/browser-kills.mjs";
import { killServer } from "../kills/lib/server-kills.mjs";
import { Y_WEBSOCKET_SERVER, Y_WEBSOCKET_SERVER_IN_MEMORY } from "../servers/y-websocket/adapter.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProfile } from "./lib/profile.mjs";

const SERVER_KILLS = 3;
const BROWSER_KILLS = 2;

for (const adapter of [Y_WEBSOCKET_SERVER, Y_WEBSOCKET_SERVER_IN_MEMORY]) {
  test(`${adapter.name}, killed ${SERVER_KILLS} times, has again whatever it was said to hold`, async (t) => {
    const tally = await killServer({ adapter, kills: SERVER_KILLS });
    assert.deepEqual([tally.kills, tally.lost], [SERVER_KILLS, []]);
    assert(tally.promised > 0, "nothing was promised");
    t.diagnostic(`${tally.words} words, ${tally.promised} of them said to be held at the last kill`);
  });
}

test(`chromium, killed ${BROWSER_KILLS} times while others type, has lost nothing that was said to be held or stored`, async (t) => {
  const own = cleanup(t);
  const browser = { pages: own(await servePages()), profile: own(await startProfile("chromium")) };
  const tally = await killBrowser({ adapter: Y_WEBSOCKET_SERVER, kills: BROWSER_KILLS, browser });
  assert.deepEqual([tally.kills, tally.lost], [BROWSER_KILLS, []]);
  t.diagnostic(`${tally.words} words; of killed pages ${tally.held} were said to be held, ${tally.stored} stored`);
});
