// Updates that come together are one change: frames of a burst, and what is applied in one task.

import assert from "node:assert/strict";
import { setImmediate as breath } from "node:timers/promises";
import { test } from "node:test";
import * as Y from "yjs";
import { importBuilt } from "./helpers/built.mjs";
import { Socket } from "./helpers/played-socket.mjs";

const { open } = await importBuilt("index.node.js");

/** The updates of somebody who types `count` characters here and there, and the text in the end. */
function typed(count) {
  const theirs = new Y.Doc();
  const updates = [];
  theirs.on("update", (update) => updates.push(update));
  const text = theirs.getText("body");
  for (let at = 0; at < count; at++) {
    text.insert((at * 7) % (text.length + 1), String.fromCharCode(97 + (at % 26)));
    if (at % 5 === 4) text.delete((at * 3) % (text.length - 1), 1);
  }
  return { updates, content: text.toString() };
}

async function inStep(t) {
  const doc = await open("ws://burst.test", "room", { WebSocket: Socket });
  t.after(() => doc.close());
  await breath();
  const socket = Socket.latest;
  socket.open();
  socket.receive(0, Uint8Array.of(0));
  socket.receive(1, Uint8Array.of(0, 0));
  await breath();
  assert.equal(doc.status.phase, "synced");
  const body = doc.text("body");
  const deltas = [];
  body.observe(({ delta }) => deltas.push(delta));
  return { doc, body, socket, deltas };
}

/** How long the texts are that these changes lead to, one after the other. */
function shownLength(deltas) {
  const grown = (delta) => delta.reduce((sum, step) => sum + (step.insert?.length ?? 0) - (step.delete ?? 0), 0);
  return deltas.reduce((sum, delta) => sum + grown(delta), 0);
}

test("frames of a burst are a few changes, and nothing of them is missing", async (t) => {
  const { body, socket, deltas } = await inStep(t);
  const { updates, content } = typed(3_000);
  for (const update of updates) socket.receive(2, update);
  await breath();
  assert.equal(body.toString(), content);
  assert.equal(shownLength(deltas), content.length);
  assert.ok(deltas.length < 40, `${deltas.length} changes of ${updates.length} updates`);
});

test("what came before a connection is lost is taken in before it counts as lost", async (t) => {
  const { doc, body, socket } = await inStep(t);
  const { updates, content } = typed(50);
  const seen = [];
  const stop = doc.on("status", ({ phase }) => seen.push([phase, body.toString()]));
  for (const update of updates) socket.receive(2, update);
  socket.lose();
  stop();
  assert.deepEqual(seen.at(-1), ["waiting", content]);
});

test("updates that are applied in one task are one change, and can be read at once", async (t) => {
  const { doc, body, deltas } = await inStep(t);
  const { updates, content } = typed(500);
  for (const update of updates) doc.applyUpdate(update);
  assert.equal(body.toString(), content);
  await breath();
  assert.equal(deltas.length, 1);
  assert.equal(shownLength(deltas), content.length);
  assert.equal(doc.status.unsynced > 0, true);
});

test("an update that is refused does not take those with it that are applied in the same task", async (t) => {
  const { doc, body } = await inStep(t);
  const { updates, content } = typed(20);
  for (const [at, update] of updates.entries()) {
    if (at === 7) assert.throws(() => doc.applyUpdate(Uint8Array.of(1, 1, 1)), { code: "bad-update" });
    doc.applyUpdate(update);
  }
  assert.equal(body.toString(), content);
});

test("what is told of several people at once can be merged by Yjs, as servers do that store updates", async (t) => {
  const { doc, body } = await inStep(t);
  const told = [];
  doc.on("update", ({ update }) => told.push(update));
  const people = [5, 3, 9, 7].map((id) => Object.assign(new Y.Doc(), { clientID: id }));
  for (const round of ["ab", "cde", "f"]) {
    for (const person of people) {
      const before = Y.encodeStateVector(person);
      person.getText("body").insert(0, round);
      doc.applyUpdate(Y.encodeStateAsUpdate(person, before));
    }
    await breath();
  }
  const reader = new Y.Doc();
  Y.applyUpdate(reader, Y.mergeUpdates(told));
  assert.equal(reader.getText("body").toString(), body.toString());
  assert.equal(body.length, 24);
});
