// A real Hocuspocus server: it says what became of each edit, and what it refused is told as such.

import assert from "node:assert/strict";
import test from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { startHocuspocus } from "./lib/hocuspocus.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";

const HOCUSPOCUS = { protocol: "hocuspocus" };

/** Resolves when the text of this client is `text`. */
function untilText({ body }, text) {
  return until(() => body.toString() === text, { sources: [(listener) => body.observe(listener)], state: () => body.toString() });
}

test("two clients converge, and what the server said to hold it holds", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const ada = own(await joinWithSyncline(server.url, "doc", { ...HOCUSPOCUS, token: "ok" }));
  const bob = own(await joinWithSyncline(server.url, "doc", HOCUSPOCUS));
  assert.equal(ada.doc.status.access, "read-write");
  ada.body.insert(0, "hello ");
  bob.body.insert(0, "world");
  await Promise.all([ada.doc.saved(), bob.doc.saved()]);
  const text = server.textOf("doc");
  assert.equal(text.length, "hello world".length);
  await Promise.all([ada, bob].map((client) => untilText(client, text)));
  assert.equal(ada.doc.status.refused, 0);
});

test("edits of somebody who may only read are refused, told as a delta, and not unsynced for ever", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const ada = own(await joinWithSyncline(server.url, "doc", { ...HOCUSPOCUS, token: "ok" }));
  ada.body.insert(0, "hello world");
  await ada.doc.saved();

  const reader = own(await joinWithSyncline(server.url, "doc", { ...HOCUSPOCUS, token: "reader" }));
  assert.equal(reader.doc.status.access, "read-only");
  const refused = [];
  const stop = reader.doc.on("refused", ({ changes }) => refused.push(changes));
  t.after(stop);
  reader.body.delete(0, 2);
  reader.body.insert(3, " cruel");
  await reader.doc.saved();
  await until(() => refused.length > 0, { sources: [(listener) => reader.doc.on("refused", listener)] });
  const delta = [{ delete: 2 }, { retain: 3 }, { insert: " cruel" }];
  assert.deepEqual(refused, [[{ type: "text", name: "body", delta }]]);
  assert.deepEqual([reader.doc.status.unsynced, reader.doc.status.refused], [0, 8]);
  assert.equal(server.textOf("doc"), "hello world");

  // What others write still arrives, and the refused edit stays in this document.
  ada.body.insert(11, "!");
  await ada.doc.saved();
  await untilText(reader, "llo cruel world!");
});

test("an edit made offline by somebody who may only read is refused after the reconnect", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const reader = own(await joinWithSyncline(server.url, "doc", { ...HOCUSPOCUS, token: "reader" }));
  reader.doc.disconnect();
  reader.body.insert(0, "in vain");
  assert.equal(reader.doc.status.unsynced, 7);
  const refused = new Promise((resolve) => reader.doc.on("refused", resolve));
  reader.doc.connect();
  assert.deepEqual((await refused).changes, [{ type: "text", name: "body", delta: [{ insert: "in vain" }] }]);
  assert.deepEqual([reader.doc.status.unsynced, reader.doc.status.refused], [0, 7]);
});

test("a token that is refused stops with the reason, and the document can be edited", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const client = own(await joinWithSyncline(server.url, "doc", { ...HOCUSPOCUS, token: "bad", synced: false }));
  const { reason } = await client.status(({ phase }) => phase === "stopped");
  assert.deepEqual(reason, { code: "denied", message: "the server denied access: no such token" });
  client.body.insert(0, "still mine");
  assert.equal(client.body.toString(), "still mine");
  await assert.rejects(client.doc.saved(), { code: "stopped" });
});

test("a document that the server closes while the socket stays open is opened again", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const ada = own(await joinWithSyncline(server.url, "doc", HOCUSPOCUS));
  ada.body.insert(0, "before ");
  await ada.doc.saved();
  server.dismissAll();
  await ada.status(({ phase }) => phase !== "synced");
  ada.body.insert(7, "after");
  await ada.doc.saved();
  assert.equal(server.textOf("doc"), "before after");
});

test("an edit made while the connection was gone is held after the reconnect", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const proxy = own(await startProxy(server.url));
  const ada = own(await joinWithSyncline(proxy.url, "doc", HOCUSPOCUS));
  proxy.goDown();
  await ada.status(({ phase }) => phase === "waiting");
  for (const letter of "offline") ada.body.insert(ada.body.length, letter);
  assert.equal(ada.doc.status.unsynced, 7);
  proxy.restore();
  ada.doc.reconnect();
  await ada.doc.saved();
  assert.equal(server.textOf("doc"), "offline");
});
