// Syncline and the real `yjs` with `y-websocket` edit one room at random, with cuts, and end with the same content.
//
// A failing seed is run alone by `SEED=7 npm run test:e2e`.

import assert from "node:assert/strict";
import test from "node:test";
import { isDeepStrictEqual } from "node:util";
import { cleanup } from "./lib/cleanup.mjs";
import { Mirror } from "./lib/mirror.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { contentOf, randomEdit } from "./lib/random-edits.mjs";
import { random, seeds } from "./lib/random.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const ROUNDS = 4;
const EDITS = 120;
/** In this round the server crashes too. */
const CRASH = 2;

for (const seed of seeds(1, 2, 3, 4, 5, 6)) {
  test(`clients of both kinds that edit at random end with the same content (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const server = own(await startServer());
    const join = async (joinWith) => {
      const proxy = own(await startProxy(server.url));
      return { proxy, client: own(await joinWith(proxy.url, "room", { backoffCap: 500 })) };
    };
    const people = [];
    for (const joinWith of [joinWithYjs, joinWithSyncline, joinWithYjs, joinWithSyncline]) people.push(await join(joinWith));
    const clients = people.map(({ client }) => client);
    const mirrors = clients.filter(isSyncline).map((client) => [client, new Mirror(client)]);

    const dice = random(seed);
    for (let round = 0; round < ROUNDS; round++) {
      if (round === CRASH) await server.kill();
      for (let n = 0; n < EDITS; n++) {
        const { client, proxy } = dice.pick(people);
        randomEdit(client, dice);
        if (dice.chance(0.02)) proxy.cut();
        // Lets the network go on, so that edits meet the edits of others; without it, they are concurrent.
        if (dice.chance(0.5)) await nextTurn();
      }
      if (round === CRASH) await server.start();
      await untilEqual(clients);
    }

    for (const [client, mirror] of mirrors) assert.deepEqual(contentOf(mirror), contentOf(client), "what observers know");
    const late = own(await joinWithYjs(server.url, "room"));
    assert.deepEqual(contentOf(late), contentOf(clients[0]), `seed ${seed}`);
  });
}

/** Resolves when all is saved and everybody has the same content. */
function untilEqual(clients) {
  const contents = () => clients.map(contentOf);
  const isSaved = () => clients.filter(isSyncline).every(({ doc }) => doc.status.unsynced === 0);
  const isEqual = () => {
    const [first, ...others] = contents();
    return others.every((other) => isDeepStrictEqual(other, first));
  };
  return until(() => isSaved() && isEqual(), { sources: clients.map(({ news }) => news), state: contents });
}

function isSyncline({ doc }) {
  return doc.status !== undefined;
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}
