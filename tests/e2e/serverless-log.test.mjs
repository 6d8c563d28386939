// How examples/serverless keeps a document in DynamoDB: whatever else runs at the same time, or dies half-way, what was
// stored is there, and the rows stay few.

import assert from "node:assert/strict";
import test, { after, before, beforeEach } from "node:test";
import * as Y from "yjs";
import { random, seeds } from "./lib/random.mjs";
import { fresh, startHandlers } from "./lib/serverless-handlers.mjs";
import { textOf } from "./lib/serverless-words.mjs";

const HOUR_MS = 60 * 60_000;

let aws;
let room;

before(async () => (aws = await startHandlers()));
after(() => aws?.close());
beforeEach(() => (room = fresh("room")));

const rows = (prefix) => aws.database.list(`document#${room}`, prefix);
const read = async () => (await aws.document.readDocument(room)).update;

/** Somebody who appends one letter after the other, and remembers how many are stored. */
function writer(clientID) {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  const updates = [];
  doc.on("update", (update) => updates.push(update));
  const own = {
    stored: 0,
    append: async (text = "x") => {
      doc.getText("body").insert(doc.getText("body").length, text);
      const result = await aws.document.append(room, updates.at(-1));
      own.stored += text.length;
      return result;
    },
  };
  return own;
}

/** How many elements of a client an update has from its first on. */
const heldOf = (update, clientID) => Y.decodeStateVector(Y.encodeStateVectorFromUpdate(update)).get(clientID) ?? 0;

test("what is too large for a row is kept in parts, in the log and in the snapshot", async () => {
  const text = "large ".repeat(200_000);
  await writer(1).append(text);
  assert((await rows("blob#")).length > 1);
  assert.equal(textOf(await read()), text);
  await aws.document.compact(room);
  assert.deepEqual([(await rows("log#")).length, textOf(await read()).length], [0, text.length]);
  const parts = (await rows("blob#")).length;
  await writer(2).append();
  await aws.document.compact(room);
  assert.equal((await rows("blob#")).length, parts);
  assert.equal(textOf(await read()).length, text.length + 1);
});

for (const seed of seeds(1)) {
  test(`writers, readers and compactions side by side lose nothing (seed ${seed})`, async () => {
    const dice = random(seed);
    const writers = [1, 2, 3, 4].map(writer);
    let writing = writers.length;
    const write = async (own) => {
      // Every now and then one that takes several rows.
      for (let n = 0; n < 30; n++) await own.append(dice.chance(0.03) ? "y".repeat(400_000) : "x");
      writing -= 1;
    };
    const compactAll = async () => {
      while (writing > 0) await aws.document.compact(room);
    };
    const readAll = async () => {
      while (writing > 0) {
        const stored = writers.map((own) => own.stored);
        const update = await read();
        writers.forEach((own, n) =>
          assert(heldOf(update, n + 1) >= stored[n], `writer ${n + 1}: ${heldOf(update, n + 1)} of ${stored[n]}`),
        );
      }
    };
    await Promise.all([...writers.map(write), compactAll(), compactAll(), compactAll(), readAll()]);
    const update = await read();
    writers.forEach((own, n) => assert.equal(heldOf(update, n + 1), own.stored));
    await aws.document.compact(room);
    assert.equal((await rows("log#")).length, 0);
    const [head] = await rows("head");
    // Those that lost the race have taken away what they wrote.
    assert.equal((await rows("blob#")).length, head.parts);
  });
}

test("of compactions at the same time one succeeds, and the others change nothing", async () => {
  const own = writer(1);
  for (let n = 0; n < 10; n++) await own.append();
  await Promise.all(Array.from({ length: 6 }, () => aws.document.compact(room)));
  const [head] = await rows("head");
  assert.deepEqual([(await rows("log#")).length, (await rows("blob#")).length, heldOf(await read(), 1)], [0, head.parts, 10]);
});

test("a log that is long or large says so, and is compacted once", async () => {
  const own = writer(1);
  const { LOG } = aws.limits;
  for (let n = 1; n < LOG.entries; n++) assert.equal((await own.append()).isDue, false);
  assert.equal((await own.append()).isDue, true);
  await Promise.all([1, 2, 3].map(() => aws.document.compactAlone(room)));
  assert.equal((await rows("log#")).length, 0);
  const [tally] = await rows("tally");
  assert.deepEqual([tally.entries, tally.bytes, tally.compacting], [0, 0, undefined]);
  assert.equal((await own.append("z".repeat(LOG.bytes))).isDue, true);
});

test("a tally that is wrong because somebody died heals at the next compaction", async () => {
  const own = writer(1);
  for (let n = 0; n < 5; n++) await own.append();
  await aws.database.change({ pk: `document#${room}`, sk: "tally" }, "ADD entries :n", { ":n": 300 });
  await aws.document.compactAlone(room);
  assert.deepEqual(
    (await rows("tally")).map(({ entries, bytes }) => [entries, bytes]),
    [[0, 0]],
  );
});

test("whoever dies compacting keeps others from it for half a minute only", async (t) => {
  const own = writer(1);
  await own.append();
  t.after(() => aws.faults.heal());
  aws.faults.failAfter(2);
  await assert.rejects(aws.document.compactAlone(room));
  aws.faults.heal();
  await aws.document.compactAlone(room);
  assert.equal((await rows("log#")).length, 1);
  await aws.document.compactAlone(room, Date.now() + aws.limits.COMPACTION_MS + 1);
  assert.equal((await rows("log#")).length, 0);
});

test("a Lambda that dies at any step of storing or compacting loses nothing that was stored", async (t) => {
  t.after(() => aws.faults.heal());
  let steps = 0;
  for (let ended = false; !ended; steps++) {
    room = fresh("room");
    const own = writer(1);
    await own.append("a".repeat(400_000));
    await aws.document.compact(room);
    await own.append("b".repeat(400_000));
    const stored = own.stored;
    aws.faults.failAfter(steps);
    ended = await own
      .append("c".repeat(400_000))
      .then(() => aws.document.compact(room))
      .then(
        () => true,
        () => false,
      );
    aws.faults.heal();
    assert(heldOf(await read(), 1) >= Math.max(stored, own.stored), `died after ${steps} requests`);
    // And whatever it left behind goes away with the next compactions, those an hour later included.
    await own.append("d");
    await aws.document.compact(room);
    await aws.document.append(room, new Uint8Array([0, 0]));
    await aws.document.compact(room, Date.now() + 2 * HOUR_MS);
    const [head] = await rows("head");
    assert.deepEqual(
      [(await rows("log#")).length, (await rows("blob#")).length],
      [0, head.parts],
      `died after ${steps} requests`,
    );
  }
  t.diagnostic(`died at each of ${steps - 1} steps`);
});

test("one compaction takes no more than its bounds, and the next one takes the rest", async () => {
  const { COMPACTION } = aws.limits;
  const text = "x".repeat(COMPACTION.bytes / 4);
  const own = writer(1);
  for (let n = 0; n < 5; n++) await own.append(text);
  await aws.document.compact(room);
  assert.equal((await rows("log#")).length, 2);
  assert.equal(heldOf(await read(), 1), 5 * text.length);
  await aws.document.compact(room);
  assert.equal((await rows("log#")).length, 0);
  assert.equal(heldOf(await read(), 1), 5 * text.length);
});
