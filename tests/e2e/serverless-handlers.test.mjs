// The Lambda handlers of examples/serverless, called directly: what is answered, what is stored, what is told to whom.

import assert from "node:assert/strict";
import test, { after, before, beforeEach } from "node:test";
import * as Y from "yjs";
import { signToken } from "../../examples/serverless/src/token.mjs";
import { random, seeds } from "./lib/random.mjs";
import { fresh, SECRET, startHandlers } from "./lib/serverless-handlers.mjs";
import { asked, framesOf, Pieces, presence, queryPresence, state, textOf, update, wordsOf } from "./lib/serverless-words.mjs";

let aws;
let room;

before(async () => (aws = await startHandlers()));
after(() => aws?.close());
beforeEach(() => (room = fresh("room")));

/** Lets a connection into the room; resolves with its id. */
async function join(claims = {}) {
  const id = fresh("connection");
  const token = signToken({ room, exp: Math.floor(Date.now() / 1000) + 3600, ...claims }, SECRET);
  const { statusCode } = await aws.connect(id, { queryStringParameters: { room, token }, headers: {} });
  assert.equal(statusCode, 200);
  return id;
}

/** Says a message in whole, in the order of its frames. */
async function say(id, message) {
  for (const frame of framesOf(room, message)) await aws.say(id, frame);
}

/** What a connection was told since it was asked last. */
function heardBy(id) {
  const pieces = new Pieces();
  const messages = aws.posts.take(id).map((frame) => pieces.add(room, frame));
  return messages.filter(Boolean).map(wordsOf);
}

const storedText = async () => textOf((await aws.document.readDocument(room)).update);

/** A document with one text, by one client. */
function written(text, clientID = 1) {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  doc.getText("body").insert(0, text);
  return { doc, bytes: Y.encodeStateAsUpdate(doc) };
}

test("an update is stored before anybody is told, and its sender is told too", async (t) => {
  const [ada, bob] = [await join(), await join()];
  const storedAtPost = [];
  aws.posts.onPost(async () => storedAtPost.push(await storedText()));
  t.after(() => aws.posts.onPost(async () => {}));
  await say(ada, update(written("hello").bytes));
  assert.deepEqual(storedAtPost, ["hello", "hello"]);
  assert.deepEqual([heardBy(ada), heardBy(bob)], [[{ update: "hello" }], [{ update: "hello" }]]);
});

test("whoever asks is told what it lacks and asked for what it has; a newcomer is told who is here too", async () => {
  const [ada, bob] = [await join(), await join()];
  await say(ada, update(written("hello", 7).bytes));
  await say(ada, presence([{ client: 7, clock: 1, state: { name: "Ada" } }]));
  heardBy(bob);
  await say(bob, asked());
  assert.deepEqual(heardBy(bob), [
    { presence: [{ client: 7, clock: 1, state: { name: "Ada" } }] },
    { state: "hello" },
    { asked: { 7: 5 } },
  ]);
  await say(bob, asked());
  assert.deepEqual(heardBy(bob), [{ state: "hello" }, { asked: { 7: 5 } }]);
});

test("of a state only what is news is stored and told, as an update", async () => {
  const [ada, bob] = [await join(), await join()];
  const { doc, bytes } = written("hello");
  await say(ada, state(bytes));
  assert.deepEqual(heardBy(bob), [{ update: "hello" }]);
  await say(ada, state(bytes));
  assert.deepEqual(heardBy(bob), []);
  // Only a deletion is news.
  doc.getText("body").delete(0, 1);
  await say(ada, state(Y.encodeStateAsUpdate(doc)));
  assert.equal(heardBy(bob).length, 1);
  assert.equal(await storedText(), "ello");
  await say(ada, state(Y.encodeStateAsUpdate(doc)));
  assert.deepEqual(heardBy(bob), []);
});

test("updates that arrive in another order are all there in the end", async () => {
  const ada = await join();
  const doc = new Y.Doc();
  const said = [];
  doc.on("update", (bytes) => said.push(bytes));
  for (const letter of "order") doc.getText("body").insert(doc.getText("body").length, letter);
  for (const bytes of said.reverse()) await say(ada, update(bytes));
  assert.equal(await storedText(), "order");
  assert.deepEqual(Y.encodeStateVectorFromUpdate((await aws.document.readDocument(room)).update), Y.encodeStateVector(doc));
});

test("when an update is missing everybody is asked for it, as soon as somebody asks", async () => {
  const [ada, bob] = [await join(), await join()];
  for (const id of [ada, bob]) await say(id, asked());
  const doc = new Y.Doc();
  doc.clientID = 1;
  const said = [];
  doc.on("update", (bytes) => said.push(bytes));
  for (const word of ["kept ", "lost ", "found"]) doc.getText("body").insert(doc.getText("body").length, word);
  await say(ada, update(said[0]));
  await say(ada, update(said[2]));
  for (const id of [ada, bob]) heardBy(id);
  await say(bob, asked());
  assert.deepEqual(heardBy(ada), [{ asked: { 1: 5 } }]);
  assert.deepEqual(heardBy(bob), [{ state: "kept " }, { asked: { 1: 5 } }]);
  await say(ada, state(Y.encodeStateAsUpdate(doc, Y.encodeStateVectorFromUpdate(said[0]))));
  await say(bob, asked());
  assert.deepEqual(heardBy(bob).slice(-2), [{ state: "kept lost found" }, { asked: { 1: 15 } }]);
});

test("somebody who may only read is told so when it writes, and only then", async () => {
  const [reader, ada] = [await join({ access: "read-only" }), await join()];
  const { bytes } = written("hello");
  await say(ada, update(bytes));
  heardBy(reader);
  await say(reader, asked());
  await say(reader, state(bytes));
  assert.deepEqual(heardBy(reader), [{ state: "hello" }, { asked: { 1: 5 } }]);
  for (const words of [state, update]) {
    await say(reader, words(written("no", 9).bytes));
    assert.deepEqual(heardBy(reader), [{ denied: "this token may only read" }]);
  }
  assert.equal(await storedText(), "hello");
});

test("a frame for a room that the connection was not let into ends the connection", async () => {
  const ada = await join();
  const other = room;
  room = fresh("room");
  const eve = await join();
  await aws.say(eve, framesOf(other, update(written("hello").bytes))[0]);
  assert(aws.posts.closed.includes(eve));
  room = other;
  assert.equal(await storedText(), "");
  assert.deepEqual(heardBy(ada), []);
});

for (const seed of seeds(1, 2, 3)) {
  test(`the pieces of messages arrive in any order, side by side, some twice (seed ${seed})`, async () => {
    const dice = random(seed);
    const [ada, bob] = [await join(), await join()];
    const texts = ["a", "b"].map((letter) => letter.repeat(150_000 + dice.below(100_000)));
    const frames = texts.flatMap((text, n) => framesOf(room, update(written(text, n + 1).bytes)));
    const twice = [...frames, ...frames.filter(() => dice.chance(0.3))];
    const disordered = twice.map((frame) => [dice.below(1e9), frame]).sort(([a], [b]) => a - b);
    await Promise.all(disordered.map(([, frame]) => aws.say(ada, frame)));
    const told = heardBy(bob).map((words) => words.update);
    for (const text of texts) assert(told.includes(text));
    assert.equal((await storedText()).length, texts.join("").length);
    assert(aws.posts.sent.every(({ body }) => Buffer.byteLength(body) <= 32_000));
  });
}

test("pieces that contradict each other never make a message, and too many are refused with a reason", async () => {
  const ada = await join();
  const piece = (names) => JSON.stringify({ action: "sync", room, id: "m", data: "AAAA", ...names });
  await aws.say(ada, piece({ part: 0, parts: 3 }));
  await aws.say(ada, piece({ part: 1, parts: 2 }));
  await aws.say(ada, piece({ part: 1, parts: 1e6 }));
  assert.deepEqual(heardBy(ada), [{ denied: "a message may have 400 pieces at most" }]);
});

const GARBAGE = [
  ...["", "null", "[]", "7", '"text"', "{", "{}", "\u0000", "[".repeat(10_000)],
  ...[{ data: "AA==" }, { room: 7, data: "AA==" }, { data: 7 }, { data: "not base64!" }, { data: "AA" }, { data: "AAB=" }, {}],
  ...[
    { id: "", part: 0, parts: 1 },
    { id: 7, part: 0, parts: 1 },
    { id: "x".repeat(65), part: 0, parts: 1 },
  ].map(withData),
  ...[{ part: 1, parts: 1 }, { part: -1, parts: 1 }, { part: 0.5, parts: 1 }, { part: "0", parts: 1 }, { part: 0 }].map((names) =>
    withData({ id: "m", ...names }),
  ),
];
/** Of messages: cut short, of unknown kinds, with lengths that are not there, with content that cannot be read. */
const BAD_MESSAGES = [
  [],
  [0],
  [0, 0],
  [0, 2],
  [0, 2, 200],
  [0, 2, 255, 255, 255, 255, 15],
  [0, 7, 0],
  [1],
  [1, 1, 1],
  [9, 9],
  [255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
  [0, 2, 1, 1],
  [0, 2, 5, 255, 255, 255, 255, 255],
  [0, 1, 4, 1, 1, 1, 0],
  [0, 0, 2, 200, 1],
  [0, 0, 0],
  [1, 5, 1, 1, 1, 200, 1],
  [1, 4, 1, 1, 1, 1, 120],
];

function withData(names) {
  return { ...names, data: "AA==" };
}

test("garbage is passed over: nobody is told, nothing is stored, and the connection goes on", async () => {
  const [ada, bob] = [await join(), await join()];
  for (const body of [undefined, null, Buffer.from([1, 2])]) assert.deepEqual(await aws.say(ada, body), { statusCode: 200 });
  for (const garbage of GARBAGE) {
    const body = typeof garbage === "string" ? garbage : JSON.stringify({ room, ...garbage });
    assert.deepEqual(await aws.say(ada, body), { statusCode: 200 }, body);
  }
  for (const bytes of BAD_MESSAGES) await say(ada, new Uint8Array(bytes));
  assert.deepEqual([heardBy(ada), heardBy(bob)], [[], []]);
  assert(!aws.posts.closed.includes(ada));
  await say(ada, update(written("still here").bytes));
  assert.deepEqual(heardBy(bob), [{ update: "still here" }]);
});

for (const seed of seeds(4)) {
  test(`bytes that were changed on the way never stop the room (seed ${seed})`, async () => {
    const dice = random(seed);
    const ada = await join();
    const { doc } = written("hello 😀", 3);
    doc.getMap("meta").set("k", { a: [1, null] });
    const message = update(Y.encodeStateAsUpdate(doc));
    for (let n = 0; n < 150; n++) {
      const bytes = message.slice(0, dice.chance(0.3) ? dice.below(message.length) : message.length);
      for (let flips = 1 + dice.below(3); flips > 0 && bytes.length > 2; flips--)
        bytes[2 + dice.below(bytes.length - 2)] = dice.below(256);
      assert.deepEqual(await aws.say(ada, framesOf(room, bytes)[0]), { statusCode: 200 });
    }
    await aws.document.compact(room);
    heardBy(ada);
    const bob = await join();
    await say(bob, asked());
    assert(aws.posts.take(bob).length > 0);
    assert(!aws.posts.closed.includes(ada));
  });
}

// --- presence

test("of what is said of somebody the newest counts, in whatever order it comes", async () => {
  const [ada, bob] = [await join(), await join()];
  const said = [3, 1, 2].map((clock) => ({ client: 7, clock, state: { clock } }));
  for (const entry of said) await say(ada, presence([entry]));
  assert.equal(heardBy(ada).length, 3);
  heardBy(bob);
  await say(bob, queryPresence());
  assert.deepEqual(heardBy(bob), [{ presence: [{ client: 7, clock: 3, state: { clock: 3 } }] }]);
  await say(ada, presence([{ client: 7, clock: 3, state: null }]));
  heardBy(bob);
  await say(bob, queryPresence());
  assert.deepEqual(heardBy(bob), []);
});

test("those who leave without a word are said to have left, but not those who are here again", async () => {
  const [ada, bob] = [await join(), await join()];
  await say(
    ada,
    presence([
      { client: 7, clock: 1, state: { name: "Ada" } },
      { client: 8, clock: 4, state: { name: "Ada's tab" } },
    ]),
  );
  const again = await join();
  await say(again, presence([{ client: 8, clock: 4, state: { name: "Ada's tab" } }]));
  for (const id of [ada, bob]) heardBy(id);
  await aws.disconnect(ada);
  assert.deepEqual(heardBy(bob), [{ presence: [{ client: 7, clock: 1, state: null }] }]);
  await aws.disconnect(ada);
  assert.deepEqual(heardBy(bob), []);
  await say(bob, update(written("x").bytes));
  assert.deepEqual(heardBy(ada), []);
});

test("a connection that is found gone leaves the room, and the others are told", async () => {
  const [ada, bob] = [await join(), await join()];
  await say(ada, presence([{ client: 7, clock: 1, state: {} }]));
  aws.posts.answer(ada, 410);
  heardBy(bob);
  await say(bob, update(written("x").bytes));
  assert.deepEqual(heardBy(bob), [{ update: "x" }, { presence: [{ client: 7, clock: 1, state: null }] }]);
  assert(!aws.posts.closed.includes(ada));
});

test("a connection that could not be told of an update is closed, so that it comes back for it", async () => {
  const [ada, bob] = [await join(), await join()];
  aws.posts.answer(ada, 413);
  await say(bob, update(written("x").bytes));
  assert(aws.posts.closed.includes(ada));
  assert.deepEqual(heardBy(bob), [{ update: "x" }]);
});

test("a connection whose update could not be stored is closed, and nobody is told of the update", async (t) => {
  const [ada, bob] = [await join(), await join()];
  t.after(() => aws.faults.heal());
  t.mock.method(console, "error", () => {});
  aws.faults.failAfter(1);
  assert.deepEqual(await aws.say(ada, framesOf(room, update(written("x").bytes))[0]), { statusCode: 500 });
  aws.faults.heal();
  assert(aws.posts.closed.includes(ada));
  assert.deepEqual([heardBy(ada), heardBy(bob)], [[], []]);
});
