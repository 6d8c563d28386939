// A real Hocuspocus server with several documents over one socket: each is let in, refused, dismissed and left by itself.

import assert from "node:assert/strict";
import test from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { startHocuspocus } from "./lib/hocuspocus.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";

/** Joins a room of this server. */
function join(server, room, options) {
  return joinWithSyncline(server.url, room, { protocol: "hocuspocus", ...options });
}

test("documents of one server share a socket, which goes with the last", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const rooms = await Promise.all(["a", "b", "c"].map((room) => join(server, room)));
  rooms.forEach(own);
  assert.equal(server.sockets(), 1);
  rooms.forEach(({ body }, index) => body.insert(0, `room ${index}`));
  await Promise.all(rooms.map(({ doc }) => doc.saved()));
  assert.deepEqual(["a", "b", "c"].map(server.textOf), ["room 0", "room 1", "room 2"]);
  await rooms[0].close();
  rooms[1].body.insert(0, "still ");
  await rooms[1].doc.saved();
  await Promise.all(rooms.slice(1).map((room) => room.close()));
  await server.untilSockets(0);
});

test("a document that a failing hook dismisses is back by itself while another keeps the socket alive", async (t) => {
  const own = cleanup(t);
  let fails = false;
  const server = own(
    await startHocuspocus({
      async beforeHandleMessage({ documentName }) {
        if (fails && documentName === "a") throw Object.assign(new Error(), { reason: "a hook failed" });
      },
    }),
  );
  const [a, b] = [own(await join(server, "a")), own(await join(server, "b"))];
  fails = true;
  a.body.insert(0, "written while it fails");
  const { reason } = await a.status(({ phase }) => phase === "waiting");
  assert.equal(reason.code, "dismissed");
  assert.equal(b.doc.status.phase, "synced");
  fails = false;
  await a.doc.saved();
  assert.equal(server.textOf("a"), "written while it fails");
  assert.equal(server.sockets(), 1);
});

test("a document that is refused stops, and the others go on", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const good = own(await join(server, "good", { token: "ok" }));
  const bad = own(await join(server, "bad", { token: "bad", synced: false }));
  const { reason } = await bad.status(({ phase }) => phase === "stopped");
  assert.equal(reason.code, "denied");
  good.body.insert(0, "untouched");
  await good.doc.saved();
  assert.deepEqual([good.doc.status.phase, server.sockets()], ["synced", 1]);
});

test("a document that is left and come back to at once is in step again", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const stays = own(await join(server, "stays"));
  const leaves = own(await join(server, "leaves"));
  for (let round = 0; round < 3; round += 1) {
    leaves.body.insert(0, `${round}`);
    leaves.doc.disconnect();
    assert.equal(leaves.doc.status.phase, "disconnected");
    leaves.doc.connect();
    await leaves.doc.saved();
    await leaves.status(({ phase }) => phase === "synced");
  }
  assert.equal(server.textOf("leaves"), "210");
  assert.deepEqual([stays.doc.status.phase, server.sockets()], ["synced", 1]);
});

test("a room that is opened, closed and opened again in one task is in step", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  own(await join(server, "other"));
  // The server forgets a document when the last one leaves it.
  own(await join(server, "strict", { params: { apart: "yes" } }));
  const first = await join(server, "strict", { synced: false });
  first.body.insert(0, "mounted twice");
  await first.doc.saved();
  const closed = first.close();
  const second = own(await join(server, "strict"));
  await closed;
  await until(() => second.body.toString() === "mounted twice", { sources: [(listener) => second.body.observe(listener)] });
  assert.equal(server.sockets(), 2);
});

test("a room that is open twice has two connections, or two sessions over one", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const [first, second] = [own(await join(server, "room")), own(await join(server, "room"))];
  assert.equal(server.sockets(), 2);
  first.body.insert(0, "two sockets");
  await until(() => second.body.toString() === "two sockets", { sources: [(listener) => second.body.observe(listener)] });

  const options = { sessionAwareness: true, params: { apart: "yes" } };
  const [third, fourth] = [own(await join(server, "sessions", options)), own(await join(server, "sessions", options))];
  assert.equal(server.sockets(), 3);
  third.body.insert(0, "one socket");
  await third.doc.saved();
  await until(() => fourth.body.toString() === "one socket", { sources: [(listener) => fourth.body.observe(listener)] });
});

test("messages beside the document travel both ways", async (t) => {
  const own = cleanup(t);
  const heard = [];
  const server = own(
    await startHocuspocus({
      async onStateless({ payload, document }) {
        heard.push(payload);
        document.broadcastStateless(`${payload}!`);
      },
    }),
  );
  const [ada, bob] = [own(await join(server, "room")), own(await join(server, "room"))];
  const told = [ada, bob].map(({ doc }) => new Promise((resolve) => doc.on("message", resolve)));
  assert.equal(ada.doc.send("hello"), true);
  assert.deepEqual(await Promise.all(told), ["hello!", "hello!"]);
  assert.deepEqual(heard, ["hello"]);
  ada.doc.disconnect();
  assert.equal(ada.doc.send("nobody hears this"), false);
});

test("a server without messages beside the document says so", async (t) => {
  const own = cleanup(t);
  const client = own(await joinWithSyncline("ws://127.0.0.1:9", "room", { synced: false, connect: false }));
  assert.throws(() => client.doc.send("hello"), { code: "unsupported" });
  await assert.rejects(joinWithSyncline("ws://127.0.0.1:9", "room", { sessionAwareness: true }), { code: "bad-option" });
});
