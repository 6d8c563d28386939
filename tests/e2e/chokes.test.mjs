// An edit that kills the server is found and withheld, and nothing else: what does not build on it arrives, others are heard, and
// once the server is cured it arrives too.

import assert from "node:assert/strict";
import test from "node:test";
import { startChokingServer } from "./lib/choking-server.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const ROOM = "notes";
const SKULL = "☠";
/** Tries again soon, and soon knows that a connection lives. */
const IMPATIENT = { backoffBase: 10, backoffCap: 20, usefulAfter: 100 };

test("an edit that ends every connection is withheld, told, and arrives when the application asks for another try", async (t) => {
  const own = cleanup(t);
  const server = own(await startChokingServer(SKULL));
  const other = own(await joinWithYjs(server.url, ROOM));
  const client = own(await joinWithSyncline(server.url, ROOM, IMPATIENT));
  const problems = [];
  client.doc.on("problem", (problem) => problems.push(problem));

  client.body.insert(0, `before ${SKULL} behind`);
  const { unsynced, reason } = await client.status((status) => status.phase === "synced" && /withheld/.test(status.reason?.message));
  assert.deepEqual([unsynced, reason.code], [8, "server-chokes"]);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["server-chokes"],
  );
  assert.match(client.doc.explain(), /^8 edits are not saved, .*8 edits are withheld until reconnect\(\) is called\.$/);
  await other.shows("before ");
  // Three that are alike, one for each half, three for the proof.
  assert.ok(server.choked() <= 3 + 4 + 3, `${server.choked()} connections`);

  const choked = server.choked();
  other.body.insert(0, "theirs, ");
  await until(() => client.body.toString().startsWith("theirs, "), { sources: [client.news] });
  client.body.insert(client.body.length, "!");
  assert.equal(client.doc.status.unsynced, 9);
  assert.equal(server.choked(), choked);

  server.cure();
  client.doc.reconnect();
  await client.doc.saved();
  await other.shows(`theirs, before ${SKULL} behind!`);
  assert.equal(client.doc.status.reason, undefined);
});

test("a server that is killed three times in a row after an edit gets that edit", async (t) => {
  const own = cleanup(t);
  const server = own(await startChokingServer(SKULL));
  const other = own(await joinWithYjs(server.url, ROOM));
  const client = own(await joinWithSyncline(server.url, ROOM, IMPATIENT));
  client.doc.on("problem", ({ code }) => assert.fail(code));
  client.body.insert(0, `innocent ${SKULL}`);
  await until(() => server.choked() >= 3, { sources: [(listener) => client.doc.on("status", listener)] });
  server.cure();
  await client.doc.saved();
  await other.shows(`innocent ${SKULL}`);
});
