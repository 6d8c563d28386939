// A large document is written in parts, with time for everything else between them, and nothing is said before it is true.

import assert from "node:assert/strict";
import { setImmediate as breath } from "node:timers/promises";
import { test } from "node:test";
import * as Y from "yjs";
import { importBuilt } from "./helpers/built.mjs";
import { Socket } from "./helpers/played-socket.mjs";

const { open } = await importBuilt("index.node.js");

const BLOCKS = 9_000;

/** The state of somebody who has written from the end to the beginning, a letter at a time. */
function written() {
  const theirs = new Y.Doc();
  const text = theirs.getText("body");
  theirs.transact(() => Array.from({ length: BLOCKS }, () => text.insert(0, "x")));
  return Y.encodeStateAsUpdate(theirs);
}

/** A document to which the server has just sent everything. */
async function catchingUp(t) {
  const doc = await open("ws://large.test", "room", { WebSocket: Socket });
  t.after(() => doc.close());
  await breath();
  const socket = Socket.latest;
  const body = doc.text("body");
  const lengths = [];
  body.observe(({ delta }) => lengths.push((lengths.at(-1) ?? 0) + delta.reduce((sum, step) => sum + (step.insert?.length ?? 0), 0)));
  socket.open();
  socket.receive(1, written());
  return { doc, socket, body, lengths };
}

async function untilSynced(doc) {
  for (let turn = 0; doc.status.phase !== "synced"; turn++) {
    assert.ok(turn < 1_000, "it never ends");
    await breath();
  }
}

test("a large document comes in parts, and in step is who has the last", async (t) => {
  const { doc, body, lengths } = await catchingUp(t);
  const atStatus = [];
  const stop = doc.on("status", ({ phase }) => atStatus.push([phase, body.length]));
  await untilSynced(doc);
  stop();
  assert.ok(lengths.length > 2, `${lengths.length} parts`);
  assert.deepEqual(lengths, lengths.toSorted((one, other) => one - other));
  assert.equal(lengths.at(-1), BLOCKS);
  assert.deepEqual(atStatus.at(-1), ["synced", BLOCKS]);
  assert.ok(atStatus.slice(0, -1).every(([phase]) => phase !== "synced"));
});

test("an edit between two parts stays whole among what comes after it", async (t) => {
  const { doc, body } = await catchingUp(t);
  await breath();
  body.insert(0, "first");
  await untilSynced(doc);
  assert.equal(body.toString().replace("first", ""), "x".repeat(BLOCKS));
});

test("who asks for all of it between two parts has it", async (t) => {
  const { doc, body } = await catchingUp(t);
  const theirs = new Y.Doc();
  Y.applyUpdate(theirs, doc.encodeUpdate());
  assert.equal(theirs.getText("body").length, BLOCKS);
  assert.equal(body.length, BLOCKS);
});

test("what is applied is there in the next line, however large", async (t) => {
  const doc = await open("ws://large.test", "room", { connect: false });
  t.after(() => doc.close());
  const body = doc.text("body");
  let changes = 0;
  body.observe(() => (changes += 1));
  doc.applyUpdate(written());
  assert.equal(body.length, BLOCKS);
  await breath();
  assert.equal(changes, 1);
});

test("updates that are applied in tasks of their own, and that nobody is told of, are there for who looks", async (t) => {
  const doc = await open("ws://large.test", "room", { connect: false });
  t.after(() => doc.close());
  const theirs = new Y.Doc();
  theirs.on("update", (update) => doc.applyUpdate(update));
  for (let n = 0; n < 100; n++) {
    theirs.getText("body").insert(n, "x");
    await undefined;
  }
  assert.equal(doc.status.unsynced, 100);
  assert.equal(doc.text("body").length, 100);
});
