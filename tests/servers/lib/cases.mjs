// Decides what must hold with every server, whatever it speaks: one list of cases, run against each.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { setTimeout as passed } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { contentOf, randomEdit } from "../../e2e/lib/random-edits.mjs";
import { random } from "../../e2e/lib/random.mjs";
import { events, until } from "../../e2e/lib/until.mjs";
import { ACCESS_CASES } from "./access.mjs";
import { BROKEN_STREAM, frames, messages, onTheWire, presence } from "./garbage.mjs";
import { Stage, untilPresent, untilText, untilTogether } from "./stage.mjs";

const LATE_JOINER_MS = 3_000;

/** How long an event also counts as told to those who come after it (docs/messages.md), and a little more. */
const FRESH_MS = 550;
const MEBIBYTE = 1 << 20;
let markers = 0;

/**
 * Registers all cases that this server can show, and starts it for them.
 * @param {import("./adapter.mjs").Adapter} adapter
 * @param {{ [title: string]: (stage: Stage) => Promise<void> }} [more] cases of this server alone
 */
export function testServer(adapter, more = {}) {
  let server;
  before(async () => (server = await adapter.start()));
  after(() => server?.close());
  for (const [title, run] of Object.entries({ ...casesFor(adapter), ...more })) {
    test(`${adapter.name}: ${title}`, (t) => run(new Stage(t, adapter, server)));
  }
}

function casesFor(adapter) {
  const { holds, yjs, refusals } = adapter;
  return {
    ...CASES,
    ...(holds === "peers" ? RELAY_CASES : SERVER_CASES),
    ...(holds === "disk" && DISK_CASES),
    ...(yjs && YJS_CASES),
    ...(yjs && holds === "peers" && RELAY_WITH_YJS_CASES),
    ...(refusals && ACCESS_CASES(adapter)),
  };
}

const CASES = {
  "two clients converge": async (stage) => {
    const [ada, bob] = await stage.people(2);
    ada.body.insert(0, "hello ", { bold: true });
    ada.meta.set("title", "Plan 😀");
    bob.body.insert(0, "world");
    bob.todos.push({ label: "ship", done: false });
    await untilTogether([ada, bob], ({ body, meta, todos }) => body.length === 11 && meta.has("title") && todos.length === 1);
    assert.deepEqual([ada.doc.status.refused, bob.doc.status.refused], [0, 0]);
  },

  "edits and deletions made offline by both arrive after the reconnect": async (stage) => {
    const [ada, bob] = await stage.people(2);
    ada.body.insert(0, "one two three");
    ada.todos.push("a", "b", "c");
    await untilTogether([ada, bob], ({ body, todos }) => body.length === 13 && todos.length === 3);
    await goOffline(ada, bob);
    ada.body.delete(0, 4);
    ada.todos.delete(0, 1);
    bob.body.delete(8, 5);
    bob.body.insert(8, "four");
    bob.todos.delete(2, 1);
    bob.meta.set("by", "bob");
    assert.deepEqual([ada, bob].map(({ doc }) => doc.status.unsynced > 0), [true, true]);
    for (const { proxy } of [ada, bob]) proxy.restore();
    await untilTogether([ada, bob], ({ meta }) => meta.get("by") === "bob");
    assert.deepEqual([bob.body.toString(), bob.todos.toJSON()], ["two four", ["b"]]);
  },

  "clients bring back what they have after the server was killed": async (stage) => {
    const [ada, bob] = await stage.people(2);
    ada.body.insert(0, "before.");
    await untilTogether([ada, bob], ({ body }) => body.length === 7);
    await stage.server.kill();
    await Promise.all([ada, bob].map((client) => client.status(({ phase }) => phase !== "synced")));
    ada.body.insert(7, "while it was down.");
    bob.body.delete(0, 3);
    await stage.server.start();
    await untilTogether([ada, bob], ({ body }) => body.toString() === "ore.while it was down.");
    const eve = await stage.join();
    await untilText(eve, "ore.while it was down.");
  },

  "a late joiner sees who is here within 3 s": async (stage) => {
    const [ada, bob] = await stage.people(2);
    ada.doc.presence.set({ name: "ada" });
    bob.doc.presence.set({ name: "bob" });
    await untilPresent(bob, ["ada", "bob"]);
    const since = performance.now();
    const eve = await stage.join();
    await untilPresent(eve, ["ada", "bob"], LATE_JOINER_MS);
    stage.t.diagnostic(`after ${Math.round(performance.now() - since)} ms`);
  },

  "an event reaches each of the others once, and who comes later only what is told then": async (stage) => {
    const [ada, bob] = await stage.people(2);
    // Behind a relay, newcomers hear those of whom they know. Elsewhere one need not show oneself.
    const shown = stage.adapter.holds === "peers" ? [ada, bob] : [ada];
    const names = shown.map((client) => (client === ada ? "ada" : "bob"));
    shown.forEach(({ doc }, n) => doc.presence.set({ name: names[n] }));
    for (const client of [ada, bob]) await untilPresent(client, names);
    const yjs = stage.adapter.yjs && (await stage.joinWithYjs());
    yjs?.provider?.awareness.setLocalState(null);
    const heard = new Map([ada, bob].map((client) => [client, listen(client)]));
    for (const n of [1, 2, 3]) assert.equal(ada.doc.broadcast("reaction", { n }), true);
    bob.doc.broadcast("reaction", { n: 4 });
    await until(() => heard.get(bob).length === 3 && heard.get(ada).length === 1, {
      sources: [ada, bob].map(({ doc }) => (listener) => doc.on("broadcast:reaction", listener)),
      state: () => [...heard.values()],
    });

    await passed(FRESH_MS);
    const eve = await stage.join();
    heard.set(eve, listen(eve));
    await untilPresent(eve, names);
    for (const { doc } of [ada, bob]) doc.broadcast("reaction", { n: 5 });
    await until(() => [...heard.values()].every((seen) => seen.filter(([, n]) => n === 5).length > 0), {
      sources: [...heard.keys()].map(({ doc }) => (listener) => doc.on("broadcast:reaction", listener)),
      state: () => [...heard.values()],
    });
    await until(() => heard.get(eve).length === 2, {
      sources: [(listener) => eve.doc.on("broadcast:reaction", listener)],
      state: () => heard.get(eve),
    });
    const [fromAda, fromBob] = [ada, bob].map(({ doc }) => doc.clientId);
    assert.deepEqual(heard.get(bob), [1, 2, 3, 5].map((n) => [fromAda, n]));
    assert.deepEqual(heard.get(ada), [4, 5].map((n) => [fromBob, n]));
    assert.deepEqual(heard.get(eve).toSorted(), [fromAda, fromBob].map((from) => [from, 5]).toSorted());
    for (const client of [ada, bob, eve]) await untilPresent(client, names);
    if (yjs) await untilYjsSees(yjs, shown.map(({ doc }, n) => [doc.clientId, { name: names[n] }]));
  },

  "an edit of 1 MiB arrives": async (stage) => {
    const [ada, bob] = await stage.people(2);
    ada.body.insert(0, "0123456789abcdef".repeat(MEBIBYTE / 16));
    await untilTogether([ada, bob], ({ body }) => body.length === MEBIBYTE);
    const eve = await stage.join();
    await untilTogether([ada, eve]);
  },

  "garbage from the server changes nothing, and what follows arrives": async (stage) => {
    const [ada, bob] = await stage.people(2, { backoffCap: 100 });
    ada.body.insert(0, "kept");
    await untilTogether([ada, bob], ({ body }) => body.length === 4);
    const before = contentOf(ada);
    let told = 0;
    ada.doc.on("problem", () => (told += 1));
    const inDialect = messages().map((message) => stage.adapter.frame(message, stage.room));
    for (const frame of [...frames(), ...inDialect]) await untilRead(ada, stage, onTheWire(frame));
    await untilRead(ada, stage, BROKEN_STREAM);
    assert(told > 0, "nothing was told to be a problem");
    assert.deepEqual(contentOf(ada), before);
    ada.body.insert(4, " by ada");
    await untilTogether([ada, bob], ({ body }) => body.length === 11);
    bob.body.insert(11, " and bob");
    await untilTogether([ada, bob], ({ body }) => body.toString() === "kept by ada and bob");
  },

  "an edit into a connection that is dead stays unsynced": async (stage) => {
    const [ada, bob] = await stage.people(2, { quietTimeout: 500, answerTimeout: 1_000 });
    ada.proxy.blackhole();
    const seen = [];
    ada.doc.on("status", ({ unsynced }) => seen.push(unsynced));
    ada.body.insert(0, "not lost");
    assert.equal(ada.doc.status.unsynced, 8);
    await ada.status(({ phase }) => phase !== "synced");
    assert.deepEqual(new Set(seen), new Set([8]));
    ada.proxy.restore();
    await untilTogether([ada, bob], ({ body }) => body.toString() === "not lost");
  },
};

const SERVER_CASES = {
  "what is told to be saved is at the server, although its author is gone at once": async (stage) => {
    const [ada] = await stage.people(1);
    await goOffline(ada);
    ada.body.insert(0, "saved");
    const saved = ada.doc.saved();
    assert.equal(ada.doc.status.unsynced, 5);
    ada.proxy.restore();
    // A room in memory goes with the last who is in it.
    const bob = await stage.join();
    await saved;
    ada.proxy.goDown();
    await untilText(bob, "saved");
    await untilText(await stage.join(), "saved");
  },
};

const RELAY_CASES = {
  "who is alone is told so, and nothing counts as saved until somebody else has it": async (stage) => {
    const ada = await stage.join({ synced: false });
    ada.body.insert(0, "held by nobody");
    let isSaved = false;
    const saved = ada.doc.saved().then(() => (isSaved = true));
    await ada.status(({ reason }) => reason?.code === "alone");
    assert.deepEqual([isSaved, ada.doc.status.unsynced, ada.doc.status.heldBy], [false, 14, "peers"]);
    const bob = await stage.join();
    await saved;
    assert.equal(bob.body.toString(), "held by nobody");
    await untilTogether([ada, bob]);
  },

  "three who come at the same moment, each with edits, converge": async (stage) => {
    const clients = await Promise.all(["a", "b", "c"].map(() => stage.join({ synced: false, connect: false })));
    clients.forEach((client, n) => client.body.insert(0, "abc"[n]));
    for (const { doc } of clients) doc.connect();
    await untilTogether(clients, ({ body }) => body.length === 3);
    assert.deepEqual(clients.map(({ doc }) => doc.status.phase), ["synced", "synced", "synced"]);
  },
};

const RELAY_WITH_YJS_CASES = {
  "a character of two units at the end stays whole in all clients of yjs when somebody comes back": async (stage) => {
    const ada = await stage.joinWithYjs({ synced: false });
    const bob = await stage.joinWithYjs();
    const [carl] = await stage.people(1);
    ada.body.insert(0, "smile 😀");
    await untilTogether([ada, bob, carl], ({ body }) => body.length === 8);
    // Who comes back asks for the ends of all, and ada's answer is read by bob too.
    await goOffline(carl);
    carl.proxy.restore();
    await carl.status(({ phase }) => phase === "synced");
    ada.meta.set("after", "the answer");
    await untilTogether([ada, bob, carl], ({ meta }) => meta.has("after"));
    assert.deepEqual([ada, bob, carl].map(({ body }) => body.toString()), Array(3).fill("smile 😀"));
  },
};

const DISK_CASES = {
  "nothing that was saved is lost when everybody has left and the server is killed": async (stage) => {
    const [ada] = await stage.people(1);
    ada.body.insert(0, "to be deleted, kept");
    ada.body.delete(0, 15);
    // No other room has it.
    const title = `Plan of ${stage.room}.`;
    ada.meta.set("title", title);
    await ada.doc.saved();
    await stage.everyoneLeaves();
    await stage.untilWritten(title, (reader) => untilText(reader, "kept"));
    await stage.server.kill();
    await stage.server.start();
    const eve = await stage.join();
    await untilText(eve, "kept");
    assert.deepEqual(eve.meta.toJSON(), { title });
  },
};

const YJS_CASES = {
  "clients of yjs in the same room, everybody editing at random with cuts, end with the same content": async (stage) => {
    const synced = stage.adapter.holds !== "peers";
    const yjs = await stage.joinWithYjs({ synced });
    const clients = [yjs, ...(await stage.people(2)), await stage.joinWithYjs()];
    const dice = random(7);
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 100; n++) {
        const client = dice.pick(clients);
        randomEdit(client, dice);
        if (dice.chance(0.02)) client.proxy.cut();
        if (dice.chance(0.5)) await nextTurn();
      }
      await untilTogether(clients);
    }
  },
};

/** What this client hears from here on: by whom, and the number in it. */
function listen({ doc }) {
  const heard = [];
  doc.on("broadcast:reaction", ({ payload, from }) => heard.push([from, payload.n]));
  return heard;
}

/** Resolves when a client of yjs sees the people of Syncline as they show themselves, and nothing of events any more. */
function untilYjsSees({ provider: { awareness } }, people) {
  const others = () => Object.fromEntries([...awareness.getStates()].filter(([id]) => id !== awareness.clientID));
  return until(() => isDeepStrictEqual(others(), Object.fromEntries(people)), {
    sources: [events(awareness, "update")],
    state: others,
  });
}

/** Cuts these people off and resolves when they know it. */
async function goOffline(...clients) {
  for (const { proxy } of clients) proxy.goDown();
  await Promise.all(clients.map((client) => client.status(({ phase }) => phase === "waiting")));
}

/**
 * Sends bytes to a client in the server's name, and resolves when it has read them and is in step: it shows the presence
 * that was sent after them, or has given the connection up.
 */
async function untilRead({ doc, proxy, status }, { adapter, room }, bytes) {
  const [connection] = proxy.connections;
  const marker = { client: 1_000_000 + (markers += 1), name: `marker ${markers}` };
  connection.inject(bytes);
  connection.inject(onTheWire(adapter.frame(presence(marker), room)));
  await until(() => doc.presence.states.has(marker.client) || !proxy.connections.includes(connection), {
    sources: [(listener) => doc.on("presence", listener), events(proxy, "closed")],
    state: () => [doc.status, bytes.toString("hex")],
  });
  await until(() => proxy.connections.length > 0, { sources: [events(proxy, "connection")] });
  await status(({ phase }) => phase === "synced");
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}
