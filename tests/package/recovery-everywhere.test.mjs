// A session in which the wasm traps once, at each of the imports that it calls in turn: it always ends with the right document.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { hasTrapped, importsCalled, trapAtImport } from "./helpers/trapping.mjs";
import { Mirror } from "../e2e/lib/mirror.mjs";
import { until } from "../e2e/lib/until.mjs";
import { importBuilt } from "./helpers/built.mjs";
import { PlayedServer } from "./helpers/played-server.mjs";

const { open } = await importBuilt("index.node.js");

// The wasm is loaded once for all of them.
await (await open("ws://played.test", "room", { connect: false })).close();

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** What the session writes into the text, each once. */
const WORDS = ["[own]", "[with it]", "[in a transaction]", "[applied]", "[theirs]", "[at the end]"];

/** A session of everything that a document does. The wasm traps at the `nth` call of an import. Returns how many there were. */
async function run(nth) {
  const server = new PlayedServer();
  server.doc.getText("body").insert(0, "[before]");
  trapAtImport(nth);
  const doc = await open("ws://played.test", "room", { WebSocket: server.WebSocket });
  try {
    return await runWith(doc, server);
  } finally {
    trapAtImport(Infinity);
    await doc.close();
    await turn();
    await turn();
    assert.equal(server.sockets.size, 0, "no socket is left open");
    server.end();
  }
}

async function runWith(doc, server) {
  // Nobody is told of what happened before the document was there.
  const wasEarly = hasTrapped();
  const told = [];
  doc.on("problem", ({ code }) => told.push(code));
  const [body, meta, todos] = [doc.text("body"), doc.map("meta"), doc.list("todos")];
  const mirror = new Mirror({ body, meta, todos });
  const undo = doc.undo({ scope: [todos] });
  doc.presence.set({ name: "Ada" });
  body.insert(0, "[own]");
  meta.set("key", [1, { two: null }]);
  body.insert(0, "[with it]");
  const inner = meta.setText("inner", "nested");
  await turn();
  server.doc.getText("body").insert(0, "[theirs]");
  inner.insert(inner.length, " text");
  doc.transact(() => {
    body.insert(body.length, "[in a transaction]");
    todos.push("a", "b");
    todos.delete(0);
  });
  const other = new Y.Doc();
  other.getText("body").insert(0, "[applied]");
  doc.applyUpdate(Y.encodeStateAsUpdate(other));
  await turn();
  undo.stopCapturing();
  todos.push("undone");
  undo.undo();
  body.format(0, 3, { bold: true });
  body.insert(body.length, "[at the end]");
  await doc.saved();
  await until(() => doc.status.phase === "synced", { sources: [(listener) => doc.on("status", listener)] });
  await turn();
  const count = importsCalled();
  const wasMet = hasTrapped();
  trapAtImport(Infinity);
  check({ doc, body, meta, todos, mirror, server });
  if (!wasEarly) assert.deepEqual([doc.status.recovered?.count, told], wasMet ? [1, ["recovered"]] : [undefined, []]);
  const clients = [...server.awareness.getStates().keys()];
  assert.deepEqual(clients, [doc.clientId]);
  return count;
}

function check({ doc, body, meta, todos, mirror, server }) {
  const content = String(body);
  for (const word of WORDS) assert.equal(content.split(word).length, 2, `${word} is once in ${content}`);
  assert.equal(content.length, "[before]".length + WORDS.join("").length);
  assert.equal(server.doc.getText("body").toString(), content);
  assert.equal(mirror.body.toDelta().map(({ insert }) => insert).join(""), content);
  assert.deepEqual(mirror.todos.toJSON(), todos.toJSON());
  assert.deepEqual(server.doc.getArray("todos").toJSON(), todos.toJSON());
  assert.equal(todos.get(0), "b");
  assert.deepEqual(meta.get("key"), [1, { two: null }]);
  assert.equal(String(meta.text("inner")), "nested text");
  assert.equal(server.doc.getMap("meta").get("inner").toString(), "nested text");
  const { phase, unsynced } = doc.status;
  assert.deepEqual({ phase, unsynced }, { phase: "synced", unsynced: 0 });
}

test("a trap at any import of a session leaves the document as it should be", async () => {
  const count = await run(Infinity);
  for (let nth = 1; nth <= count; nth += 1) {
    await run(nth).catch((error) => {
      throw new Error(`with a trap at import ${nth} of ${count}`, { cause: error });
    });
  }
});
