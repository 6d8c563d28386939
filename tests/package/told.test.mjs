// What the wasm tells in parts becomes the event that it would have been as a whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { endOfTask, openOffline } from "./helpers/offline.mjs";

const { eventReader } = await importBuilt("told.js");

/** One that never opens. */
class SilentSocket extends EventTarget {
  static OPEN = 1;
  readyState = 0;
  close() {}
}

const STATUS = { phase: "synced", unsynced: 0, heldBy: "server", unsent: 0, unstored: 4, refused: 0, attempt: 0 };

test("new counts are those of the status that was told last, in an object of its own", () => {
  const read = eventReader();
  const first = read({ type: "status", status: STATUS });
  const second = read("counts", 3, 2, 1, 5);
  const third = read("counts", 0, 0, 0, 0);
  assert.deepEqual(first, { type: "status", status: STATUS });
  assert.deepEqual(second, { type: "status", status: { ...STATUS, unsynced: 3, unsent: 2, refused: 1, unstored: 5 } });
  assert.deepEqual(third.status, { ...STATUS, unstored: 0 });
});

test("a status of a document that is not kept has no count of what is not stored", () => {
  const read = eventReader();
  const { unstored: _, ...status } = STATUS;
  read({ type: "status", status });
  assert.deepEqual(Object.keys(read("counts", 1, 0, 0, undefined).status), Object.keys(status));
});

test("what else is told is passed on, between counts too", () => {
  const read = eventReader();
  read({ type: "status", status: STATUS });
  assert.deepEqual(read("update", new Uint8Array([0]), "remote"), { type: "update", update: new Uint8Array([0]), origin: "remote" });
  assert.deepEqual(read({ type: "opened" }), { type: "opened" });
  assert.equal(read("counts", 1, 1, 0, 4).status.phase, "synced");
});

test("what is typed is a change with the delta that says it", () => {
  const read = eventReader();
  const change = (delta) => ({ type: "change", target: 7, origin: "remote", path: [], delta });
  assert.deepEqual(read("typed", 7, "remote", 3, "é😀", 2), change([{ retain: 3 }, { insert: "é😀" }, { delete: 2 }]));
  assert.deepEqual(read("typed", 7, "remote", 0, "a", 0), change([{ insert: "a" }]));
  assert.deepEqual(read("typed", 7, "remote", 4, "", 1), change([{ retain: 4 }, { delete: 1 }]));
});

test("observers see the same of what is typed as of what else is done to a text", async () => {
  const [doc, other] = [await openOffline(), await openOffline()];
  const [text, mirror] = [doc.text("body"), other.text("body")];
  const seen = [];
  text.observe(({ delta, nested }) => seen.push([delta, nested]));
  doc.on("update", ({ update }) => other.applyUpdate(update));
  mirror.observe(({ origin, delta }) => seen.push([origin, delta]));
  const steps = [
    [() => text.insert(0, "a😀b"), [{ insert: "a😀b" }]],
    [() => text.insert(3, "é"), [{ retain: 3 }, { insert: "é" }]],
    [() => text.delete(0, 1), [{ delete: 1 }]],
    [() => text.applyDelta([{ retain: 2 }, { insert: "xy" }, { delete: 1 }]), [{ retain: 2 }, { insert: "xy" }, { delete: 1 }]],
    [() => text.format(0, 2, { bold: true }), [{ retain: 2, attributes: { bold: true } }]],
    [() => text.insert(2, "z"), undefined],
  ];
  for (const [step, delta] of steps) {
    step();
    await endOfTask();
    await endOfTask();
    const [[here, nested], there] = seen.splice(0);
    assert.deepEqual([nested, there], [undefined, ["remote", here]]);
    if (delta) assert.deepEqual(here, delta);
  }
});

test("every status that is told is the status of that moment", async () => {
  const doc = await openOffline({ WebSocket: SilentSocket });
  const told = [];
  doc.on("status", (status) => told.push([JSON.stringify(status), JSON.stringify(doc.status)]));
  for (const character of "abc") {
    doc.text("body").insert(0, character);
    await endOfTask();
  }
  doc.connect();
  await endOfTask();
  doc.disconnect();
  await endOfTask();
  doc.text("body").delete(0, 3);
  await endOfTask();
  for (const [status, current] of told) assert.equal(status, current);
  const counts = told.map(([status]) => JSON.parse(status)).map(({ phase, unsynced }) => `${phase} ${unsynced}`);
  assert.deepEqual(counts, [1, 2, 3].map((n) => `disconnected ${n}`).concat("connecting 3", "disconnected 3", "disconnected 6"));
});
