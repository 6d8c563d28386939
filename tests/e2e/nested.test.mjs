// Nested types over a real server, edited by Syncline and by the real `yjs` with `y-websocket`.

import assert from "node:assert/strict";
import test from "node:test";
import { isDeepStrictEqual } from "node:util";
import * as Y from "yjs";
import { cleanup } from "./lib/cleanup.mjs";
import { contentOf, editWithSyncline, editWithYjs, turnSome, undoOf } from "./lib/nested-edits.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { random, seeds } from "./lib/random.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

test("a todo that is made here is edited by a Yjs client, and a text that it makes is edited here", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const ours = own(await joinWithSyncline(server.url, "room"));
  const theirs = own(await joinWithYjs(server.url, "room"));
  const messages = [];
  theirs.doc.on("update", (update) => messages.push(update));
  const title = ours.doc.transact(() => {
    const todo = ours.todos.insertMap(0, { done: false });
    ours.meta.set("count", 1);
    return todo.setText("title", "Water the plants");
  });
  await until(() => theirs.todos.length === 1, { sources: [theirs.news], state: () => contentOf(theirs.doc) });
  assert.equal(messages.length, 1, "a transaction is one message");

  const theirTodo = theirs.todos.get(0);
  theirTodo.get("title").insert(16, " at noon");
  theirTodo.set("done", true);
  theirs.meta.set("note", new Y.Text("by yjs"));
  const expected = { meta: { count: 1, note: "by yjs" }, todos: [{ done: true, title: "Water the plants at noon" }] };
  const show = (content) => () => isDeepStrictEqual(contentOf(ours.doc), content);
  await until(show(expected), { sources: [ours.news], state: () => contentOf(ours.doc) });
  assert.equal(title.length, 24);

  ours.meta.text("note").insert(0, "edited, ", { bold: true });
  await until(() => theirs.meta.get("note").length === 14, { sources: [theirs.news] });
  assert.deepEqual(theirs.meta.get("note").toDelta(), [{ insert: "edited, ", attributes: { bold: true } }, { insert: "by yjs" }]);
});

test("a todo that others delete while it is edited offline is gone after the reconnect", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const ours = own(await joinWithSyncline(server.url, "room"));
  const theirs = own(await joinWithYjs(server.url, "room"));
  const title = ours.todos.insertMap(0).setText("title", "plan");
  title.observe(() => {});
  await until(() => theirs.todos.length === 1, { sources: [theirs.news] });
  ours.doc.disconnect();
  await ours.status(({ phase }) => phase === "disconnected");
  title.insert(4, " and more");
  theirs.todos.delete(0);
  theirs.todos.insert(0, [new Y.Text("instead")]);
  ours.doc.connect();
  await ours.status(({ phase, unsynced }) => phase === "synced" && unsynced === 0);
  await until(() => ours.todos.text(0), { sources: [ours.news], state: () => contentOf(ours.doc) });
  assert.throws(() => title.insert(0, "x"), { code: "deleted" });
  ours.todos.text(0).insert(0, "this ");
  await ours.doc.saved();
  await until(() => theirs.todos.get(0).toString() === "this instead", { sources: [theirs.news] });
  assert.deepEqual(contentOf(ours.doc), { meta: {}, todos: ["this instead"] });
});

for (const seed of seeds(1, 2, 3)) {
  test(`clients of both kinds that edit and undo in nested types at random end with the same content (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const server = own(await startServer());
    const people = [];
    for (const joinWith of [joinWithYjs, joinWithSyncline, joinWithSyncline]) {
      const proxy = own(await startProxy(server.url));
      const client = own(await joinWith(proxy.url, "room", { backoffCap: 500 }));
      people.push({ proxy, client, undo: client.provider ? undefined : undoOf(client.doc) });
    }
    const dice = random(seed);
    for (let n = 0; n < 300; n++) {
      const { client, proxy, undo } = dice.pick(people);
      if (client.provider) editWithYjs(client.doc, dice);
      else if (dice.chance(0.2)) turnSome(undo, dice);
      else editWithSyncline(client.doc, dice);
      if (dice.chance(0.02)) proxy.cut();
      // Lets the network go on, so that edits meet the edits of others; without it, they are concurrent.
      if (dice.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
    }
    const clients = people.map(({ client }) => client);
    const contents = () => clients.map(({ doc }) => contentOf(doc));
    const isSaved = () => clients.every(({ doc }) => !doc.status || doc.status.unsynced === 0);
    const isEqual = () => contents().every((content) => isDeepStrictEqual(content, contentOf(clients[0].doc)));
    await until(() => isSaved() && isEqual(), { sources: clients.map(({ news }) => news), state: contents });
    const late = own(await joinWithYjs(server.url, "room"));
    assert.deepEqual(contentOf(late.doc), contentOf(clients[0].doc));
  });
}
