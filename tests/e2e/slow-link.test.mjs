// Over a link that carries less than an application produces, little waits in the socket, and what waits elsewhere leaves merged.

import assert from "node:assert/strict";
import test from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { startServer } from "./lib/server.mjs";
import { slowWebSocket } from "./lib/slow-socket.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { events, until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

/** 64 kB a second. */
const RATE = 64_000;

/** What Syncline lets wait in a socket. */
const MARK = 64 * 1024;

/** More than that, which is handed over at once: what follows has to wait. */
const PASTE = 2 * MARK;

const EDITS = 1000;

/** Joins over a link that stands still once it is in step, with a socket that is full. The link is not taken for dead. */
async function joinOverFullLink(own, server) {
  const Slow = slowWebSocket(RATE);
  const client = own(await joinWithSyncline(server.url, "notes", { WebSocket: Slow, answerTimeout: 600_000 }));
  Slow.link.stop();
  client.doc.transact(() => client.body.insert(0, "p".repeat(PASTE)));
  return { ...client, link: Slow.link, socket: Slow.sockets[0] };
}

test("what waits in the socket is bounded, and edits and presence leave merged", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const { doc, body, link, socket } = await joinOverFullLink(own, server);
  const witness = own(await joinWithYjs(server.url, "notes"));

  for (let n = 0; n < EDITS; n++) {
    doc.transact(() => body.insert(body.length, "x"));
    doc.presence.set({ at: n, padding: "x".repeat(200) });
  }
  doc.transact(() => {});
  assert.equal(doc.status.unsent, EDITS);
  assert.equal(doc.status.unsynced, EDITS + PASTE);
  assert.match(doc.explain(), /the connection is slow/);
  // The paste, its frame and a few questions.
  assert(socket.bufferedAmount < PASTE + 4096, `${socket.bufferedAmount} bytes wait`);

  const before = doc.counters();
  link.go();
  await doc.saved();
  const after = doc.counters();
  assert.equal(after.updatesOut - before.updatesOut, 1);
  t.diagnostic(`${EDITS} edits and as many states: ${after.bytesOut - before.bytesOut} bytes`);
  await until(() => witness.body.length === PASTE + EDITS, { sources: [witness.news], state: () => witness.body.length });
  const { awareness } = witness.provider;
  const isLatest = () => awareness.getStates().get(doc.clientId)?.at === EDITS - 1;
  await until(isLatest, { sources: [events(awareness, "update")] });
  assert.deepEqual([doc.status.unsent, doc.counters().reconnects, doc.counters().dropped], [0, 0, 0]);
});

test("events wait in their order, and more than can wait are not taken", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const witness = own(await joinWithSyncline(server.url, "notes"));
  const heard = [];
  let report = () => {};
  witness.doc.on("broadcast:count", ({ payload }) => {
    heard.push(payload);
    report();
  });
  const { doc, link } = await joinOverFullLink(own, server);

  const taken = Array.from({ length: 70 }, (_, number) => doc.broadcast("count", number));
  assert.deepEqual(taken, [...Array(64).fill(true), ...Array(6).fill(false)]);
  assert.equal(doc.counters().dropped, 6);
  link.go();
  const news = (listener) => ((report = listener), () => (report = () => {}));
  await until(() => heard.length === 64, { sources: [news], state: () => heard });
  assert.deepEqual(heard, [...Array(64).keys()]);
});
