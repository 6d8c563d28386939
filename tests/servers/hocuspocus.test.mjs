// Hocuspocus, with its documents in files.

import assert from "node:assert/strict";
import test from "node:test";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { joinWithSyncline } from "../e2e/lib/syncline-client.mjs";
import { HOCUSPOCUS } from "./hocuspocus/adapter.mjs";
import { testServer } from "./lib/cases.mjs";

testServer(HOCUSPOCUS);

test("Hocuspocus 4.7.0: a document that cannot be loaded at first is asked for again, as its token was not refused", async (t) => {
  const own = cleanup(t);
  const server = own(await HOCUSPOCUS.start());
  const { url, room, options } = server.place("unsteady", "ok");
  const client = own(await joinWithSyncline(url, room, { ...options, synced: false }));
  const { reason } = await client.status(({ phase }) => phase === "waiting");
  assert.deepEqual(reason, { code: "dismissed", message: "the server closed the document: the storage is away" });
  client.body.insert(0, "meanwhile");
  await client.doc.saved();
});
