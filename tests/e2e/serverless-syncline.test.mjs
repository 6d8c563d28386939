// Syncline on examples/serverless, behind the limits of AWS: what it says to be held is in DynamoDB, and nothing is lost.

import assert from "node:assert/strict";
import test, { after, afterEach, before, beforeEach } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { cleanup } from "./lib/cleanup.mjs";
import { contentOf, randomEdit } from "./lib/random-edits.mjs";
import { random, seeds } from "./lib/random.mjs";
import { joinServerless } from "./lib/serverless-client.mjs";
import { isPresence, isUpdate } from "./lib/serverless-words.mjs";
import { startServerless, tokenFor } from "./lib/serverless.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";

const MIB = 1024 * 1024;

let server;
let room;
let rooms = 0;

before(async () => (server = await startServerless()));
after(() => server?.close());
beforeEach(() => (room = `notes ${++rooms} "ü" 😀`));
afterEach(() => {
  server.limits.set();
  server.limits.disorder();
});

const join = (options) =>
  joinWithSyncline(server.url, room, { protocol: "api-gateway", token: tokenFor(room), backoffCap: 500, ...options });
const joinAsYjs = () => joinServerless(server.url, { room, token: tokenFor(room) });

/** Resolves when all clients, Syncline's and Yjs', hold the same and no edit of theirs is unproven. */
function converged(...clients) {
  const isProven = ({ doc }) => !doc.status || doc.status.unsynced === 0;
  const isSame = () => {
    const [first, ...others] = clients.map(contentOf);
    return others.every((other) => isDeepStrictEqual(first, other));
  };
  return until(() => clients.every(isProven) && isSame(), {
    sources: clients.map(({ news }) => news),
    state: () => clients.map((client) => [client.doc.status, JSON.stringify(contentOf(client)).slice(0, 300)]),
  });
}

const shows = ({ body, news }, text) => until(() => body.toString() === text, { sources: [news], state: () => body.toString() });

for (const seed of seeds(1)) {
  test(`two clients and one of yjs that edit at random converge (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const dice = random(seed);
    const clients = [own(await join()), own(await join()), own(await joinAsYjs())];
    for (let n = 0; n < 60; n++) randomEdit(dice.pick(clients), dice);
    await converged(...clients);
    await converged(...clients, own(await join()), own(await joinAsYjs()));
    assert.deepEqual(server.limits.ended, []);
  });
}

test("a latecomer gets the document and who is here, and learns who leaves", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await joinAsYjs())];
  ada.body.insert(0, "hello");
  ada.doc.presence.set({ name: "Ada" });
  bob.awareness.setLocalState({ name: "Bob" });
  await ada.doc.saved();
  const carl = own(await join());
  assert.equal(carl.body.toString(), "hello");
  const names = () => [...carl.doc.presence.states.values()].map(({ name }) => name).sort();
  const sources = [(listener) => carl.doc.on("presence", listener)];
  await until(() => names().join() === "Ada,Bob", { sources, state: names });
  await bob.disconnect();
  await until(() => names().join() === "Ada", { sources, state: names });
});

test("an event reaches each of the others once, and a latecomer only what is told then", async (t) => {
  const own = cleanup(t);
  const heard = [];
  const come = async (name) => {
    const { doc } = own(await join());
    doc.on("broadcast:ping", ({ payload }) => heard.push(`${name} ${payload}`));
    return doc;
  };
  const [ada, bob] = [await come("ada"), await come("bob")];
  const all = [ada, bob];
  const untilHeard = (count) =>
    until(() => heard.length === count, {
      sources: all.map((doc) => (listener) => doc.on("broadcast:ping", listener)),
      state: () => heard,
    });
  for (const n of [1, 2, 3]) assert(ada.broadcast("ping", n));
  await untilHeard(3);
  const carl = await come("carl");
  all.push(carl);
  bob.broadcast("ping", 4);
  await untilHeard(5);
  carl.broadcast("ping", 5);
  await untilHeard(7);
  assert.deepEqual(heard.sort(), ["ada 4", "ada 5", "bob 1", "bob 2", "bob 3", "bob 5", "carl 4"]);
});

test("an event whose Lambda dies is told by the next one, also to somebody who has just come", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  const heard = [];
  bob.doc.on("broadcast:ping", ({ payload }) => heard.push(payload));
  server.limits.loseOne(isPresence);
  for (const n of [1, 2]) ada.doc.broadcast("ping", n);
  const sources = [(listener) => bob.doc.on("broadcast:ping", listener)];
  await until(() => heard.includes(2), { sources, state: () => heard });
  assert.deepEqual(heard, [1, 2]);
});

test("an edit of 1 MiB gets through both ways, in frames within the limits", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  ada.body.insert(0, "a".repeat(MIB));
  bob.body.insert(0, "b".repeat(MIB));
  await Promise.all([ada.doc.saved(), bob.doc.saved()]);
  await converged(ada, bob);
  assert.equal(ada.body.length, 2 * MIB);
  assert.deepEqual(server.limits.ended, []);
  assert(server.limits.largestMessage <= 32_000, `${server.limits.largestMessage}`);
});

test("what was written offline arrives, both ways", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  ada.body.insert(0, "together ");
  await ada.doc.saved();
  await shows(bob, "together ");
  ada.doc.disconnect();
  ada.body.insert(9, "alone");
  bob.meta.set("title", "meanwhile");
  assert.equal(ada.doc.status.unsynced, 5);
  ada.doc.connect();
  await converged(ada, bob);
  assert.deepEqual([bob.body.toString(), ada.meta.get("title")], ["together alone", "meanwhile"]);
});

test("what was said to be held is there after kill -9 of everything, and what was not arrives by itself", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  ada.body.insert(0, "held ");
  await ada.doc.saved();
  await server.kill();
  ada.body.insert(5, "later ");
  await server.restart();
  const witness = own(await joinAsYjs());
  assert(witness.body.toString().startsWith("held "));
  bob.body.insert(bob.body.length, "too");
  await converged(ada, bob, witness);
  for (const edit of ["held ", "later ", "too"]) assert(bob.body.toString().includes(edit), bob.body.toString());
});

test("in disorder, with frames that arrive twice, clients converge", async (t) => {
  const own = cleanup(t);
  const dice = random(7);
  server.limits.disorder(random(7));
  const clients = [own(await join()), own(await join())];
  clients[0].body.insert(0, "a".repeat(200_000));
  for (let n = 0; n < 20; n++) randomEdit(dice.pick(clients), dice);
  clients[1].body.insert(0, "b".repeat(200_000));
  await converged(...clients);
});

test("an edit that was lost with its Lambda is not taken for held because a later one is, and is said again", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  server.limits.loseOne(isUpdate);
  ada.body.insert(0, "lost ");
  await ada.status(({ unsynced, unsent }) => unsynced === 5 && unsent === 0);
  ada.body.insert(5, "found");
  await ada.doc.saved();
  const witness = own(await joinAsYjs());
  assert.equal(witness.body.toString(), "lost found");
  await shows(bob, "lost found");
});

test("an edit that was lost with its Lambda, and is the last one, is said again", async (t) => {
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  server.limits.loseOne(isUpdate);
  ada.body.insert(0, "lost");
  await ada.doc.saved();
  await shows(bob, "lost");
});

test("a connection that is ended at its age is opened anew, and no edit is lost", async (t) => {
  server.limits.set({ lifetimeMs: 1_000 });
  const own = cleanup(t);
  const [ada, bob] = [own(await join()), own(await join())];
  const before = server.limits.opened;
  let written = 0;
  while (server.limits.opened < before + 4) {
    ada.body.insert(ada.body.length, "x");
    written += 1;
    await ada.status(({ unsynced }) => unsynced === 0);
  }
  server.limits.set();
  await converged(ada, bob);
  assert.equal(bob.body.length, written);
});

test("a connection is replaced before its age, and nobody notices: not in the status, the presence or the text", async (t) => {
  // So that it is the client that ends its connections and not the server, however slow the machine is.
  const [connectionLifetime, lifetimeMs] = [2_000, 8_000];
  server.limits.set({ lifetimeMs });
  const own = cleanup(t);
  const [ada, bob] = [own(await join({ connectionLifetime })), own(await join({ connectionLifetime }))];
  ada.doc.presence.set({ name: "Ada" });
  const isThere = () => bob.doc.presence.states.has(ada.doc.clientId);
  await until(isThere, { sources: [(listener) => bob.doc.on("presence", listener)] });
  const phases = new Set();
  for (const { doc } of [ada, bob]) t.after(doc.on("status", ({ phase }) => phases.add(phase)));
  t.after(bob.doc.on("presence", () => phases.add(isThere() ? "synced" : "gone")));

  const [opened, ended] = [server.limits.opened, server.limits.ended.length];
  let written = 0;
  while (server.limits.opened < opened + 6) {
    ada.body.insert(ada.body.length, "x");
    written += 1;
    await ada.status(({ unsynced }) => unsynced === 0);
  }
  await converged(ada, bob);
  assert.equal(bob.body.length, written);
  assert.deepEqual([...phases], ["synced"]);
  assert.equal(server.limits.ended.length, ended);
});

test("somebody who may only read gets the document, and is stopped when it writes", async (t) => {
  const own = cleanup(t);
  const ada = own(await join());
  ada.body.insert(0, "hello");
  await ada.doc.saved();
  const reader = own(await join({ token: tokenFor(room, { access: "read-only" }) }));
  assert.equal(reader.body.toString(), "hello");
  reader.body.insert(0, "no ");
  const { reason } = await reader.status(({ phase }) => phase === "stopped");
  assert.deepEqual([reason.code, reason.message], ["denied", "the server denied access: this token may only read"]);
  assert.equal(ada.body.toString(), "hello");
});

for (const [what, token] of Object.entries({
  "an expired token": () => tokenFor(room, { exp: 1 }),
  "no token": () => undefined,
})) {
  test(`${what} keeps it waiting, and the document can be edited`, async (t) => {
    const client = cleanup(t)(await join({ token: token(), synced: false }));
    const { reason } = await client.status(({ phase }) => phase === "waiting");
    assert.equal(reason.code, "unreachable");
    client.body.insert(0, "mine");
    assert.equal(client.doc.status.unsynced, 4);
  });
}

/** What a server, or somebody who took its place, may send; and what AWS sends when a Lambda fails. */
const GARBAGE = {
  "text that is no JSON": () => "hello {",
  "JSON that says nothing": () => "[1, 2]",
  "what AWS says when a Lambda fails": () =>
    JSON.stringify({ message: "Internal server error", connectionId: "c=", requestId: "r=" }),
  "a message that is none": () => JSON.stringify({ room, data: Buffer.alloc(64, 255).toString("base64") }),
  "data that is not base64": () => JSON.stringify({ room, data: "?" }),
  "a message of another room": () => JSON.stringify({ room: "other", data: "AAEC" }),
  "a piece beyond its number": () => JSON.stringify({ room, id: "x", part: 9, parts: 3, data: "AAAA" }),
  "a piece of very many": () => JSON.stringify({ room, id: "y", part: 0, parts: 2 ** 40, data: "AAAA" }),
};

for (const [what, text] of Object.entries(GARBAGE)) {
  test(`after ${what} from the server the document is usable and its edits arrive`, async (t) => {
    const own = cleanup(t);
    const ada = own(await join());
    server.limits.sayToAll(text());
    ada.body.insert(0, "still here");
    await ada.doc.saved();
    const witness = own(await joinAsYjs());
    assert.equal(witness.body.toString(), "still here");
  });
}
