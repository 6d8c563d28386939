// examples/serverless on the emulators, behind the limits of AWS, with yjs clients: it converges, and loses nothing.

import assert from "node:assert/strict";
import test, { after, afterEach, before, beforeEach } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { cleanup } from "./lib/cleanup.mjs";
import { contentOf, randomEdit } from "./lib/random-edits.mjs";
import { random, seeds } from "./lib/random.mjs";
import { connect, joinServerless } from "./lib/serverless-client.mjs";
import { startServerless, tokenFor } from "./lib/serverless.mjs";
import { until } from "./lib/until.mjs";

const MIB = 1024 * 1024;

let server;
let room;
let rooms = 0;

before(async () => (server = await startServerless()));
after(() => server?.close());
beforeEach(() => (room = `room ${++rooms} "ü" 😀`));
afterEach(() => {
  server.limits.set();
  server.limits.disorder();
});

const join = (claims) => joinServerless(server.url, { room, token: tokenFor(room, claims) });

/** Resolves when all clients hold the same. */
function converged(...clients) {
  const isSame = () => {
    const [first, ...others] = clients.map(contentOf);
    return others.every((other) => isDeepStrictEqual(first, other));
  };
  const state = () => clients.map((client) => JSON.stringify(contentOf(client)).slice(0, 300));
  return until(isSame, { sources: clients.map(({ news }) => news), state });
}

for (const seed of seeds(1)) {
  test(`two clients that edit at random converge (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const dice = random(seed);
    const clients = [own(await join()), own(await join())];
    for (let n = 0; n < 40; n++) randomEdit(dice.pick(clients), dice);
    await converged(...clients);
    const late = own(await join());
    await converged(...clients, late);
    assert.notDeepEqual(contentOf(late), { body: [], meta: {}, todos: [] });
    assert.deepEqual(server.limits.ended, []);
  });
}

test("a latecomer gets the document and who is here; who leaves is gone for all", async (t) => {
  const own = cleanup(t);
  const ada = own(await join());
  ada.body.insert(0, "hello");
  ada.awareness.setLocalState({ name: "Ada" });
  const bob = own(await join());
  assert.equal(bob.body.toString(), "hello");
  assert.deepEqual(await bob.others((states) => states.length === 1), [{ name: "Ada" }]);
  bob.awareness.setLocalState({ name: "Bob" });
  assert.deepEqual(await ada.others((states) => states.length === 1), [{ name: "Bob" }]);
  // Without a word of its own: the server says it.
  await ada.disconnect();
  await bob.others((states) => states.length === 0);
});

test("an edit of 1 MiB gets through both ways, in frames within the limits", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  ada.body.insert(0, "a".repeat(MIB));
  bob.body.insert(0, "b".repeat(MIB));
  await until(() => [ada, bob].every(({ body }) => body.length === 2 * MIB), {
    sources: [ada.news, bob.news],
    state: () => [ada.body.length, bob.body.length],
  });
  await converged(ada, bob);
  assert(Math.max(ada.largestFrame, bob.largestFrame) <= 32_000);
  assert.deepEqual(server.limits.ended, []);
  const late = own(await join());
  assert.equal(late.body.length, 2 * MIB);
});

test("what was written offline arrives, both ways", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  ada.body.insert(0, "together ");
  await bob.shows("together ");
  await ada.disconnect();
  ada.body.insert(9, "alone");
  bob.meta.set("title", "meanwhile");
  await ada.connect();
  await converged(ada, bob);
  assert.deepEqual([bob.body.toString(), ada.meta.get("title")], ["together alone", "meanwhile"]);
});

test("after kill -9 of everything and a restart all is there that anybody was told, and nobody who is not", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  ada.awareness.setLocalState({ name: "Ada" });
  await bob.others((states) => states.length === 1);
  ada.body.insert(0, "durable ");
  await bob.shows("durable ");
  for (let n = 0; n < 10; n++) ada.body.insert(ada.body.length, `${n}`);
  await server.restart();
  await until(() => [ada, bob].every(({ closed }) => closed !== undefined), { sources: [ada.news, bob.news] });
  const told = bob.body.toString();
  const witness = own(await join());
  assert(witness.body.toString().startsWith(told), `${witness.body} lacks something of ${told}`);
  // The rows of connections that the crash ended are found out when something is sent.
  witness.meta.set("back", true);
  await witness.others((states) => states.length === 0);
  await ada.connect();
  await bob.connect();
  await converged(ada, bob, witness);
  assert.equal(bob.body.toString(), "durable 0123456789");
});

const REFUSED = [
  { what: "no token", token: () => undefined, status: 401 },
  { what: "a token that is none", token: () => "abc", status: 401 },
  { what: "an expired token", token: () => tokenFor(room, { exp: 1 }), status: 401 },
  { what: "a token for another room", token: () => tokenFor("another"), status: 403 },
];

for (const { what, token, status } of REFUSED) {
  test(`${what} is answered with ${status} in the handshake`, async () => {
    await assert.rejects(connect(server.url, { room, token: token() }), { status });
  });
}

test("a token comes as a subprotocol too", async (t) => {
  const socket = cleanup(t)(await connect(server.url, { room, protocols: ["syncline", tokenFor(room)] }));
  assert.equal(socket.protocol, "syncline");
});

test("somebody who may only read gets the document, and is told when it writes", async (t) => {
  const own = cleanup(t);
  const [ada, reader] = [own(await join()), own(await join({ access: "read-only" }))];
  ada.body.insert(0, "hello");
  await reader.shows("hello");
  assert.equal(reader.denied, undefined);
  reader.body.insert(0, "no ");
  await until(() => reader.denied, { sources: [reader.news] });
  assert.match(reader.denied, /only read/);
  ada.body.insert(5, "!");
  await reader.shows("no hello!");
  assert.equal(ada.body.toString(), "hello!");
});

test("garbage from a client stops neither its connection nor the room", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  for (const text of [
    "",
    "{",
    "null",
    "7",
    '{"action":"sync"}',
    '{"action":7}',
    '{"action":"sync","room":"other","data":"A"}',
    "[".repeat(20_000),
  ])
    ada.sendRaw(text);
  ada.sendRaw(JSON.stringify({ action: "sync", room, data: Buffer.alloc(64, 255).toString("base64") }));
  ada.body.insert(0, "still here");
  await bob.shows("still here");
  assert.equal(ada.closed, undefined);
});

for (const seed of seeds(1)) {
  test(`in disorder, with frames that arrive twice, clients converge (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const dice = random(seed);
    server.limits.disorder(random(seed));
    const [ada, bob] = [own(await join()), own(await join())];
    ada.body.insert(0, "a".repeat(200_000));
    for (let n = 0; n < 20; n++) randomEdit(dice.pick([ada, bob]), dice);
    bob.body.insert(0, "b".repeat(200_000));
    await converged(ada, bob);
    assert(ada.body.length > 390_000);
  });
}

test("a connection that is as old as it may be is ended with 1001, and what came meanwhile arrives after it", async (t) => {
  server.limits.set({ lifetimeMs: 1_500 });
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  await until(() => ada.closed === 1001 && bob.closed === 1001, {
    sources: [ada.news, bob.news],
    state: () => [ada.closed, bob.closed],
  });
  ada.body.insert(0, "meanwhile");
  server.limits.set();
  await ada.connect();
  await bob.connect();
  await bob.shows("meanwhile");
});
