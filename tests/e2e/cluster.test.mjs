// Two instances of Hocuspocus with Redis between them and nginx in front: whatever is killed, no edit is lost, everybody
// converges, and what was said to be saved is there.
//
// `SEED=7 node --test tests/e2e/cluster.test.mjs` makes other edits.

import assert from "node:assert/strict";
import test from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { startCluster } from "./lib/cluster.mjs";
import { contentOf, randomEdit } from "./lib/random-edits.mjs";
import { random, seeds } from "./lib/random.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";

const HOCUSPOCUS = { protocol: "hocuspocus" };
const PEOPLE = 4;
const EDIT_EVERY_MS = 40;
const EDITS_DURING_AN_OUTAGE = 10;

/** Somebody whose edits have numbers, and who knows which edits of everybody have reached them. */
class Person {
  #random;
  #number;
  #timer;

  constructor(client, number, seed) {
    const { doc, body, meta, todos, status } = client;
    Object.assign(this, { doc, body, meta, todos, status });
    this.#number = number;
    this.#random = random(seed * PEOPLE + number);
    this.made = this.doc.list("made");
    this.seen = new Set();
    this.made.observe(({ delta }) => delta.forEach(({ insert = [] }) => insert.forEach((edit) => this.seen.add(edit))));
    this.count = 0;
    /** How many edits had been made when the status last said that all are saved. */
    this.promised = 0;
    this.doc.on("status", ({ unsynced }) => unsynced === 0 && (this.promised = this.count));
  }

  /** The names of the first `count` edits. */
  edits(count = this.count) {
    return Array.from({ length: count }, (_, n) => `${this.#number}.${n + 1}`);
  }

  /** The name of the next edit. */
  get next() {
    return `${this.#number}.${this.count + 1}`;
  }

  edit() {
    this.count += 1;
    this.doc.transact(() => {
      randomEdit(this, this.#random);
      this.made.push(`${this.#number}.${this.count}`);
    });
  }

  startEditing() {
    this.#timer = setInterval(() => this.edit(), EDIT_EVERY_MS);
  }

  stopEditing() {
    clearInterval(this.#timer);
  }

  untilSynced() {
    return this.status(({ phase }) => phase === "synced");
  }

  close() {
    this.stopEditing();
    return this.doc.close();
  }
}

async function join(url, { number = PEOPLE, seed = 0, room = "doc", ...options } = {}) {
  return new Person(await joinWithSyncline(url, room, { ...HOCUSPOCUS, ...options }), number, seed);
}

/** Joins one after the other, so that nginx sends every second one to the same instance. */
async function joinAll(own, url, seed) {
  const people = [];
  for (let number = 0; number < PEOPLE; number++) people.push(own(await join(url, { number, seed })));
  return people;
}

const observers = (people) => people.map(({ made }) => (listener) => made.observe(listener));

/** Resolves when everybody has the next edit of everybody. */
function untilCrossing(people) {
  const wanted = people.map(({ next }) => next);
  const lacking = () => people.map(({ seen }) => wanted.filter((edit) => !seen.has(edit)));
  return until(() => lacking().every((edits) => edits.length === 0), { sources: observers(people), state: lacking });
}

/** Resolves when everybody has made some more edits. */
function untilMoreEdits(people) {
  const goals = people.map(({ count }) => count + EDITS_DURING_AN_OUTAGE);
  return until(() => people.every(({ count }, n) => count >= goals[n]), { sources: observers(people) });
}

/** Has people connect anew until somebody is on each instance: nginx moves nobody who is connected. */
async function spread(people, instances) {
  for (const instance of instances) {
    for (let n = 0; (await instance.health()).connections === 0; n = (n + 1) % people.length) {
      people[n].doc.reconnect();
      await people[n].untilSynced();
    }
  }
}

/** Resolves when the text of a client is `text`, with how long that took. */
async function untilText({ body }, text) {
  const started = performance.now();
  await until(() => body.toString() === text, { sources: [(listener) => body.observe(listener)], state: () => body.toString() });
  return performance.now() - started;
}

/** Resolves with the longest time that somebody who is not synced at this moment takes to be so. */
async function untilAllSynced(people) {
  const started = performance.now();
  const times = people.map(async (person) => {
    const wasAway = person.doc.status.phase !== "synced";
    await person.untilSynced();
    return wasAway ? performance.now() - started : 0;
  });
  return Math.max(...(await Promise.all(times)));
}

/** Resolves when somebody has lost the connection. */
function untilSomebodyIsAway(people) {
  const sources = people.map(({ doc }) => (listener) => doc.on("status", listener));
  return until(() => people.some(({ doc }) => doc.status.phase !== "synced"), { sources });
}

/** One after the other, each started again only when all have come back to the other one. */
async function killInstances(t, { instances }, people) {
  for (const instance of instances) {
    const lost = untilSomebodyIsAway(people);
    await instance.kill();
    await lost;
    t.diagnostic(`an instance is killed → everybody is synced again: ${inMs(await untilAllSynced(people))}`);
    await untilCrossing(people);
    await instance.start();
  }
  await spread(people, instances);
  await untilCrossing(people);
}

async function killRedis({ redis }, people) {
  await redis.kill();
  await untilMoreEdits(people);
  await redis.start();
  await untilCrossing(people);
}

/** The instance is there again before Redis is, and people edit on both meanwhile. */
async function killBoth(t, { instances, redis }, people) {
  const lost = untilSomebodyIsAway(people);
  await Promise.all([redis.kill(), instances[0].kill()]);
  await lost;
  t.diagnostic(`an instance and Redis are killed → everybody is synced again: ${inMs(await untilAllSynced(people))}`);
  await untilMoreEdits(people);
  await instances[0].start();
  await spread(people, instances);
  await untilMoreEdits(people);
  await redis.start();
  await untilCrossing(people);
}

const inMs = (time) => `${Math.round(time)} ms`;

for (const seed of seeds(1)) {
  test(`no edit is lost when an instance, Redis, or both are killed under load (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const cluster = own(await startCluster());
    const people = await joinAll(own, cluster.url, seed);
    const healths = await Promise.all(cluster.instances.map((instance) => instance.health()));
    assert.deepEqual(healths.map(({ connections }) => connections), [PEOPLE / 2, PEOPLE / 2]);
    people.forEach((person) => person.startEditing());
    await untilCrossing(people);
    await killInstances(t, cluster, people);
    await killRedis(cluster, people);
    await killBoth(t, cluster, people);

    people.forEach((person) => person.stopEditing());
    await Promise.all(people.map(({ doc }) => doc.saved()));
    const all = people.flatMap((person) => person.edits()).sort();
    const newcomers = await Promise.all(cluster.instances.map(({ url }) => join(url)));
    const everybody = [...people, ...newcomers.map((newcomer) => own(newcomer))];
    await until(() => everybody.every(({ made }) => made.length >= all.length), { sources: observers(everybody) });
    for (const person of everybody) {
      assert.deepEqual(person.made.toJSON().sort(), all);
      assert.deepEqual(contentOf(person), contentOf(people[0]));
      assert.deepEqual([person.doc.status.phase, person.doc.status.unsynced, person.doc.status.refused], ["synced", 0, 0]);
    }
    t.diagnostic(`${all.length} edits by ${PEOPLE} people, none lost`);
  });

  test(`what was said to be saved is there after everything and everybody was killed (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const cluster = own(await startCluster());
    const { instances, redis } = cluster;
    const people = await joinAll(own, cluster.url, seed);
    people.forEach((person) => person.startEditing());
    await untilCrossing(people);
    await redis.kill();
    await untilMoreEdits(people);

    await Promise.all(instances.map((instance) => instance.kill()));
    const promised = people.flatMap((person) => person.edits(person.promised));
    const made = new Set(people.flatMap((person) => person.edits()));
    await Promise.all(people.map((person) => person.close()));
    await redis.start();
    for (const instance of instances) await instance.start();

    const newcomer = own(await join(cluster.url));
    const there = newcomer.made.toJSON();
    assert.deepEqual(promised.filter((edit) => !there.includes(edit)), []);
    assert.deepEqual(there.filter((edit) => !made.has(edit)), []);
    assert.equal(new Set(there).size, there.length);
    t.diagnostic(`${promised.length} of ${made.size} edits were said to be saved, ${there.length} are there`);
  });
}

test("an edit that did not cross while Redis was away crosses by itself when it is back", async (t) => {
  const own = cleanup(t);
  const cluster = own(await startCluster());
  const [ada, bob] = [own(await join(cluster.instances[0].url)), own(await join(cluster.instances[1].url))];
  ada.body.insert(0, "before");
  await untilText(bob, "before");

  await cluster.redis.kill();
  ada.body.insert(6, ", meanwhile");
  await ada.doc.saved();
  assert.equal(bob.body.toString(), "before");
  await cluster.redis.start();
  t.diagnostic(`Redis is back → the edit has crossed: ${inMs(await untilText(bob, "before, meanwhile"))}`);
});

test("a connection to Redis that is dead but not closed is noticed, and what did not cross crosses", async (t) => {
  const own = cleanup(t);
  const cluster = own(await startCluster());
  const [ada, bob] = [own(await join(cluster.instances[0].url)), own(await join(cluster.instances[1].url))];
  cluster.network.blackhole();
  ada.body.insert(0, "into the void");
  await ada.doc.saved();
  cluster.network.restore();
  t.diagnostic(`the network is back → the edit has crossed: ${inMs(await untilText(bob, "into the void"))}`);
});

test("a document can be opened on either instance while Redis is away, and is one when it is back", async (t) => {
  const own = cleanup(t);
  const cluster = own(await startCluster());
  await cluster.redis.kill();
  // One that is started meanwhile is as good as the other.
  await cluster.instances[1].kill();
  await cluster.instances[1].start();
  const [ada, bob] = [own(await join(cluster.instances[0].url)), own(await join(cluster.instances[1].url))];
  ada.body.insert(0, "a");
  bob.body.insert(0, "b");
  ada.doc.presence.set({ name: "Ada" });
  await Promise.all([ada, bob].map(({ doc }) => doc.saved()));
  await cluster.redis.start();
  await until(() => ada.body.length === 2 && bob.body.toString() === ada.body.toString(), {
    sources: [ada, bob].map(({ body }) => (listener) => body.observe(listener)),
  });
  await until(() => [...bob.doc.presence.states.values()].some(({ name }) => name === "Ada"), {
    sources: [(listener) => bob.doc.on("presence", listener)],
  });
});

test("an edit whose author left while Redis was away crosses when it is back", async (t) => {
  const own = cleanup(t);
  const cluster = own(await startCluster());
  const [ada, bob] = [await join(cluster.instances[0].url), own(await join(cluster.instances[1].url))];
  await cluster.redis.kill();
  ada.body.insert(0, "good bye");
  await ada.doc.saved();
  const kept = cluster.instances[0].untilLine(/^doc stays open/);
  await ada.close();
  await kept;
  await cluster.redis.start();
  await untilText(bob, "good bye");
});

test("an edit whose author left and whose instance was killed while Redis was away crosses when both are back", async (t) => {
  const own = cleanup(t);
  const cluster = own(await startCluster());
  const [ada, bob] = [await join(cluster.instances[0].url), own(await join(cluster.instances[1].url))];
  await cluster.redis.kill();
  ada.body.insert(0, "last words");
  await ada.doc.saved();
  await cluster.instances[0].kill();
  await ada.close();
  await cluster.instances[0].start();
  await cluster.redis.start();
  await untilText(bob, "last words");
});
