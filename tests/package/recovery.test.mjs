// What a trap of the wasm leaves behind: everything but the steps of undo. Of a package in which content can kill.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as Y from "yjs";
import { trapping } from "./helpers/trapping.mjs";
import { Mirror } from "../e2e/lib/mirror.mjs";
import { events, until } from "../e2e/lib/until.mjs";
import { open } from "./helpers/faulty.mjs";
import { PlayedServer } from "./helpers/played-server.mjs";

const opened = [];
after(async () => {
  await Promise.all(opened.map((doc) => doc.close()));
  servers.forEach((server) => server.end());
});
const servers = [];

const turn = () => new Promise((resolve) => setImmediate(resolve));
const statusOf = (doc, condition) => until(() => condition(doc.status), { sources: [(listener) => doc.on("status", listener)], state: () => doc.status });

/** A document with what is told of it: what an application knows that believes only that. */
async function stage({ isOffline = false } = {}) {
  const server = new PlayedServer();
  servers.push(server);
  const doc = await open("ws://played.test", "room", { WebSocket: server.WebSocket, connect: !isOffline });
  opened.push(doc);
  const [body, meta, todos] = [doc.text("body"), doc.map("meta"), doc.list("todos")];
  const problems = [];
  doc.on("problem", ({ code }) => problems.push(code));
  const mirror = new Mirror({ body, meta, todos });
  const mirrored = () => mirror.body.toDelta().map(({ insert }) => insert).join("");
  if (!isOffline) await statusOf(doc, ({ phase }) => phase === "synced");
  return { server, doc, body, meta, todos, problems, mirror, mirrored };
}

/** Has the wasm trap in a call that changes nothing. */
function trapNow({ doc }) {
  const { count = 0 } = doc.status.recovered ?? {};
  const status = trapping(() => doc.status);
  assert.equal(status.recovered.count, count + 1);
}

/** Everybody has the text, and observers were told of it exactly once. */
async function agree({ server, doc, body, mirrored }, content) {
  await doc.saved();
  await turn();
  assert.deepEqual([String(body), mirrored(), server.doc.getText("body").toString()], [content, content, content]);
}

test("an edit that no instance survives is left out, with those around it whole", async () => {
  const on = await stage();
  const before = on.doc.clientId;
  on.body.insert(0, "first ");
  assert.throws(() => on.body.insert(0, "kill-edit-trap"), { name: "SynclineError", code: "trapped" });
  on.body.insert(6, "second");
  assert.equal(String(on.body), "first second", "at once");
  await agree(on, "first second");
  assert.deepEqual(on.doc.status.recovered, { count: 2, reason: "trap" });
  assert.notEqual(on.doc.clientId, before);
  assert.deepEqual(on.problems, ["recovered", "recovered"]);
});

for (const way of ["stack", "memory"]) {
  test(`no ${way} left is survived as well, and told apart`, async () => {
    const on = await stage();
    on.body.insert(0, "kept");
    assert.throws(() => on.body.insert(0, `kill-edit-${way}`), { code: "trapped" });
    await agree(on, "kept");
    assert.equal(on.doc.status.recovered.reason, way);
  });
}

test("a call that trapped once is made again, and nobody sees more of it than what is told", async () => {
  const on = await stage();
  on.body.insert(0, "a");
  trapping(() => on.body.insert(1, "b"));
  trapNow(on);
  assert.equal(on.body.length, 2);
  on.body.insert(2, "c");
  await agree(on, "abc");
  assert.deepEqual(on.doc.status.recovered, { count: 2, reason: "trap" });
});

test("content that kills whoever reads it can be edited, and other documents are well", async () => {
  const [on, other] = [await stage(), await stage()];
  const before = other.server.opened.length;
  on.body.insert(0, "kill-read-trap");
  other.body.insert(0, "well");
  assert.throws(() => String(on.body), { code: "trapped" });
  on.body.delete(0, 4);
  await agree(on, "-read-trap");
  await agree(other, "well");
  assert.equal(other.doc.status.recovered.count, 2);
  assert.ok(other.server.opened.length > before, "the dead instance had its connection");
  assert.equal(other.server.sockets.size, 1);
});

test("an edit that kills when it is committed is found and left out", async () => {
  const on = await stage();
  on.body.insert(0, "before ");
  on.body.insert(7, "kill-commit-trap");
  on.body.insert(0, "behind ");
  await agree(on, "behind before ");
  assert.ok(on.problems.includes("trapped"), String(on.problems));
});

/** An update of somebody who has written this into the text and nothing else. */
function updateOf(content) {
  const author = new Y.Doc();
  author.getText("body").insert(0, content);
  return Y.encodeStateAsUpdate(author);
}

const problemsOf = (on, code) => until(() => on.problems.includes(code), { sources: [(listener) => on.doc.on("problem", listener)], state: () => on.problems });

test("a change of the server that kills where it is written is kept out by its name, and all others come", async () => {
  const on = await stage();
  Y.applyUpdate(on.server.doc, updateOf("kill-write-trap"));
  Y.applyUpdate(on.server.doc, updateOf("[honest]"));
  on.body.insert(0, "[own]");
  await problemsOf(on, "quarantined");
  const { count } = on.doc.status.recovered;
  on.doc.reconnect();
  await until(() => on.mirrored().includes("[honest]"), { sources: [(listener) => on.body.observe(listener)] });
  await on.doc.saved();
  assert.equal(on.mirrored(), String(on.body));
  assert.equal(String(on.body).length, "[honest][own]".length);
  assert.ok(on.server.doc.getText("body").toString().includes("[own]"));
  assert.equal(on.doc.status.recovered.count, count, "it is not met again");
  assert.match(on.doc.explain(), /kept out/);
});

test("a message of the server that kills whoever looks at it is not looked at again, and others are", async () => {
  const on = await stage();
  Y.applyUpdate(on.server.doc, updateOf("kill-gate-trap"));
  await problemsOf(on, "quarantined");
  const { count } = on.doc.status.recovered;
  on.doc.reconnect();
  on.body.insert(0, "[own]");
  await until(() => on.server.doc.getText("body").toString().includes("[own]"), { sources: [events(on.server.doc, "update")] });
  Y.applyUpdate(on.server.doc, updateOf("[honest]"));
  await until(() => on.mirrored().includes("[honest]"), { sources: [(listener) => on.body.observe(listener)] });
  assert.equal(on.mirrored(), String(on.body));
  assert.equal(on.doc.status.recovered.count, count, "it is not met again");
});

test("a trap within an observer is none of what it observes", async () => {
  const on = await stage();
  const seen = [];
  on.body.observe(({ delta }) => {
    seen.push(["first", delta]);
    if (seen.length === 1) trapping(() => on.body.insert(on.body.length, "!"));
  });
  on.body.observe(({ delta }) => seen.push(["second", delta]));
  on.doc.transact(() => on.body.insert(0, "a"));
  await agree(on, "a!");
  const [one, two] = [[{ insert: "a" }], [{ retain: 1 }, { insert: "!" }]];
  assert.deepEqual(seen, [["first", one], ["second", one], ["first", two], ["second", two]]);
  assert.equal(on.doc.status.recovered.count, 1);
});

test("an observer is told of nothing that was read before it observed", async () => {
  const on = await stage({ isOffline: true });
  const text = on.doc.text("apart");
  const told = [];
  text.insert(0, "read");
  assert.equal(text.toDelta().length, 1);
  text.observe(({ delta }) => told.push(delta));
  trapNow(on);
  text.insert(4, "told");
  await turn();
  assert.deepEqual(told, [[{ retain: 4 }, { insert: "told" }]]);
  assert.equal(String(text), "readtold");
});

test("handles of nested types and cursors are as good as before", async () => {
  const on = await stage();
  const list = on.meta.setList("list", ["x"]);
  const text = on.meta.setText("text", "nested");
  const told = [];
  text.observe(({ delta }) => told.push(delta));
  const cursor = text.cursor(6);
  await turn();
  trapping(() => text.length);
  text.insert(6, " more");
  list.push("y");
  assert.deepEqual([String(text), list.toJSON(), on.meta.text("text") === text], ["nested more", ["x", "y"], true]);
  assert.equal(text.resolve(cursor), 11);
  await turn();
  assert.deepEqual(told, [[{ retain: 6 }, { insert: " more" }]]);
});

test("undo begins anew and says so", async () => {
  const on = await stage();
  const undo = on.doc.undo({ scope: [on.body] });
  const closed = on.doc.undo({ scope: [on.todos] });
  closed.close();
  const told = [];
  undo.observe(({ type, stack }) => told.push([type, stack]));
  on.doc.transact(() => on.body.insert(0, "before"));
  trapNow(on);
  await turn();
  assert.deepEqual(told, [["added", "undo"], ["cleared", "undo"], ["cleared", "redo"]]);
  assert.equal(undo.canUndo, false);
  on.doc.transact(() => on.body.insert(6, " behind"));
  assert.equal(undo.undo(), true);
  await agree(on, "before");
  assert.deepEqual(told.slice(3).map(([type]) => type), ["added", "added", "popped"]);
});

test("presence is shown again, under the id that counts then, and nobody is here twice", async () => {
  const on = await stage();
  on.doc.presence.set({ name: "Ada" });
  await until(() => on.server.awareness.getStates().size === 1, { sources: [events(on.server.awareness, "update")] });
  const told = [];
  on.doc.on("presence", (change) => told.push(change));
  const before = on.doc.clientId;
  trapNow(on);
  assert.deepEqual([...on.doc.presence.states], [[on.doc.clientId, { name: "Ada" }]]);
  await until(() => on.server.awareness.getStates().has(on.doc.clientId), { sources: [events(on.server.awareness, "update")] });
  assert.deepEqual([...on.server.awareness.getStates().keys()], [on.doc.clientId]);
  assert.ok(told.some(({ removed }) => removed.includes(before)), JSON.stringify(told));
});

test("what waits to be saved is saved over the next connection, and updates are told once", async () => {
  const on = await stage();
  const replica = new Y.Doc();
  on.doc.on("update", ({ update }) => Y.applyUpdate(replica, update));
  on.body.insert(0, "wanted");
  const saved = on.doc.saved();
  trapNow(on);
  await saved;
  await agree(on, "wanted");
  assert.equal(replica.getText("body").toString(), "wanted");
});

test("a document that is closed while the wasm traps is closed, and its last edit sent", async () => {
  const on = await stage();
  on.body.insert(0, "last");
  await turn();
  await trapping(() => on.doc.close());
  await turn();
  assert.equal(on.doc.status.phase, "closed");
  assert.equal(on.server.sockets.size, 0);
  assert.equal(on.server.doc.getText("body").toString(), "last");
});

test("an application that has no stack left finds its document as it was", async () => {
  const on = await stage();
  on.body.insert(0, "deep");
  const dive = () => on.body.length + dive();
  assert.throws(dive, (error) => error instanceof RangeError || error.code === "trapped");
  on.body.insert(4, "er");
  await agree(on, "deeper");
});

test("a document that brings down one instance after the other is stopped until it is asked to go on", async () => {
  const on = await stage();
  const other = await stage();
  for (let times = 0; times <= 10; times += 1) trapNow(on);
  await turn();
  const { phase, reason } = on.doc.status;
  assert.deepEqual([phase, reason.code], ["stopped", "trapped"]);
  on.body.insert(0, "still edited");
  assert.equal(String(on.body), "still edited");
  await statusOf(other.doc, (status) => status.phase === "synced");
  on.doc.reconnect();
  await agree(on, "still edited");
});
