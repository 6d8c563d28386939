// A real y-sweet server: it sends markers back, and drops in silence what somebody writes who may only read.

import assert from "node:assert/strict";
import test from "node:test";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { joinWithSyncline } from "../e2e/lib/syncline-client.mjs";
import { until } from "../e2e/lib/until.mjs";
import { startYSweet } from "./y-sweet-server.mjs";

async function join({ url, room, options }, more) {
  return joinWithSyncline(url, room, { ...options, ...more });
}

test("two clients converge, and edits count as saved", async (t) => {
  const own = cleanup(t);
  const server = own(await startYSweet());
  const place = await server.connection("doc");
  const ada = own(await join(place));
  const bob = own(await join(place));
  ada.body.insert(0, "hello ");
  await ada.doc.saved();
  bob.body.insert(bob.body.length, "world");
  await bob.doc.saved();
  await until(() => ada.body.toString() === bob.body.toString() && ada.body.length === 11, {
    sources: [(listener) => ada.body.observe(listener), (listener) => bob.body.observe(listener)],
  });
  assert.deepEqual([ada.doc.status.refused, bob.doc.status.refused], [0, 0]);
});

test("edits of somebody who may only read are recognised as refused, and told as a delta", async (t) => {
  const own = cleanup(t);
  const server = own(await startYSweet());
  const ada = own(await join(await server.connection("doc")));
  ada.body.insert(0, "hello world");
  await ada.doc.saved();
  const reader = own(await join(await server.connection("doc", "read-only")));
  const refused = new Promise((resolve) => reader.doc.on("refused", resolve));
  reader.body.delete(0, 2);
  reader.body.insert(3, " cruel");
  const delta = [{ delete: 2 }, { retain: 3 }, { insert: " cruel" }];
  assert.deepEqual((await refused).changes, [{ type: "text", name: "body", delta }]);
  await reader.doc.saved();
  assert.deepEqual([reader.doc.status.unsynced, reader.doc.status.refused], [0, 8]);
});

test("a token that is not accepted does not open, and the document can be edited", async (t) => {
  const own = cleanup(t);
  const server = own(await startYSweet());
  const place = await server.connection("doc");
  const client = own(await join(place, { token: "AAAA", synced: false }));
  // A refused handshake looks like any other failure to a client.
  const { reason } = await client.status(({ phase }) => phase === "waiting");
  assert.equal(reason.code, "unreachable");
  client.body.insert(0, "mine");
  assert.equal(client.doc.status.unsynced, 4);
});
