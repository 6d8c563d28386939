// What goes over the wire is what has to: a thousand edits of one task are one message.

import assert from "node:assert/strict";
import test from "node:test";
import { openBarePage } from "./lib/bare-page.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startScriptedServer } from "./lib/scripted-server.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const EDITS = 1000;
const isUpdate = ({ data }) => data[0] === 0 && data[1] === 2;

async function witnessed(own, server) {
  const witness = own(await joinWithYjs(server.url, "notes"));
  await until(() => witness.body.length === EDITS, { sources: [witness.news], state: () => witness.body.length });
}

test("a thousand edits in one task of a page are one message", async (t) => {
  const own = cleanup(t);
  const server = own(await startScriptedServer());
  const pages = own(await servePages());
  const browser = own(await startBrowser());
  const person = own(await openBarePage(browser, pages, server.url, "notes"));
  await person.untilPhase("synced");
  await person.run(async (count) => {
    for (let n = 0; n < count; n++) window.body.insert(window.body.length, "x");
    await window.doc.saved();
  }, EDITS);
  const updates = server.frames.filter(isUpdate);
  assert.equal(updates.length, 1);
  t.diagnostic(`${EDITS} edits: 1 message of ${updates[0].data.length} bytes`);
  await witnessed(own, server);
});

test("the edits of several transactions are a message each, also in Node", async (t) => {
  const own = cleanup(t);
  const server = own(await startScriptedServer());
  const client = own(await joinWithSyncline(server.url, "notes"));
  for (let n = 0; n < 10; n++) {
    client.doc.transact(() => {
      for (let m = 0; m < EDITS / 10; m++) client.body.insert(0, "x");
    });
  }
  await client.doc.saved();
  assert.equal(server.frames.filter(isUpdate).length, 10);
  await witnessed(own, server);
});
