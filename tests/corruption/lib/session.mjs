// Decides what a session with damage is: somebody edits behind a door that damages, others edit beside it; then the damage ends
// and nobody does anything, and it is seen whether he who stood behind the door has what the server has.
//
// Not what the others have: a server of Yjs that fails over damage does not tell them of what it has taken in all the same, and
// clients of Yjs do not ask.

import { docs } from "@y/websocket-server/utils";
import { setTimeout as passed } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import * as Y from "yjs";
import { contentOf, randomEdit } from "../../e2e/lib/random-edits.mjs";
import { random } from "../../e2e/lib/random.mjs";
import { joinWithSyncline } from "../../e2e/lib/syncline-client.mjs";
import { events, until } from "../../e2e/lib/until.mjs";
import { joinWithYjs } from "../../e2e/lib/yjs-client.mjs";
import { DOORS } from "./doors.mjs";

const PACE_MS = 15;

/** Who stands behind the door. Nobody waits for the first handshake, which may be damaged. */
const JOIN = {
  syncline: (url, room, options) => joinWithSyncline(url, room, { ...options, synced: false }),
  "y-websocket": (url, room) => joinWithYjs(url, room, { synced: false }),
};

/**
 * What came of a session:
 * - `same`: he has what the server has;
 * - `other`: he has the same elements and deletions, and something in them is not the same: no state vector shows that;
 * - `missing`: he lacks something or has something that the server lacks, for good.
 * @typedef {"same" | "other" | "missing"} Outcome
 */

/**
 * @param {object} how
 * @param {keyof typeof JOIN} how.kind
 * @param {keyof typeof DOORS} how.where
 * @param {("up" | "down")[]} how.directions to the server, to the client
 * @param {number} [how.edits] how many are made while there is damage
 * @param {string[]} [how.ways] of damage; all of them by default
 * @param {number} how.seed
 * @param {{ url: string }} how.server a y-websocket server in this process
 * @param {number} how.healMs how long it is waited for that all is the same
 * @param {object} [how.options] of Syncline
 * @returns {Promise<{ outcome: Outcome, damaged: number, healedAfter?: number, says: string, last: object }>}
 */
export async function runSession({ kind, where, directions, ways, edits = 120, seed, server, healMs, options }) {
  const room = `${kind}-${where}-${directions.join("")}-${seed}`;
  const damages = { isOn: true, up: directions.includes("up"), down: directions.includes("down"), dice: random(seed), count: 0, ways };
  const door = await DOORS[where](Number(new URL(server.url).port), damages);
  const others = [];
  let subject;
  try {
    for (let n = 0; n < 2; n++) others.push(await joinWithYjs(server.url, room));
    subject = await JOIN[kind](door.url, room, options);
    await edit([subject, ...others], edits, random(seed + 1));
    damages.isOn = false;
    const since = performance.now();
    const truth = truthOf(room);
    await untilWhole(subject, truth, healMs);
    const outcome = outcomeOf(subject, truth);
    const healedAfter = outcome === "same" ? performance.now() - since : undefined;
    return { outcome, damaged: damages.count, healedAfter, says: wordOf(subject), last: { subject: seen(subject), server: seen(truth) } };
  } finally {
    // That y-websocket fails to close, where damage had told it that it is not here, is no news.
    await Promise.resolve(subject).then((subject) => subject?.close()).catch((error) => kind === "syncline" && Promise.reject(error));
    others.forEach((other) => other.close());
    await door.close();
  }
}

async function edit(clients, edits, dice) {
  for (let n = 0; n < edits; n++) {
    const client = dice.pick(clients);
    try {
      randomEdit(client, dice);
    } catch (error) {
      // A document of Yjs that has taken in damage may fail at any edit; ours must not.
      if (!(client.doc instanceof Y.Doc)) throw error;
    }
    await passed(PACE_MS);
  }
}

/** What the server has. */
function truthOf(room) {
  const doc = docs.get(room);
  return { doc, body: doc.getText("body"), meta: doc.getMap("meta"), todos: doc.getArray("todos"), news: events(doc, "update") };
}

/** Resolves when nothing is missing any more, or the time is over. Who has all elements will not be told them again. */
async function untilWhole(subject, truth, healMs) {
  const isWhole = () => outcomeOf(subject, truth) !== "missing";
  // That the time is over is what came of it, and no failure.
  await until(isWhole, { sources: [subject.news, truth.news], deadline: healMs }).catch(() => {});
}

/** @returns {Outcome} */
function outcomeOf(subject, truth) {
  const isSaved = subject.doc.status === undefined || subject.doc.status.unsynced === 0;
  if (isSaved && isDeepStrictEqual(contentOf(subject), contentOf(truth))) return "same";
  return isSaved && Y.equalSnapshots(snapshotOf(subject), snapshotOf(truth)) ? "other" : "missing";
}

/** Which elements and deletions somebody has. */
function snapshotOf({ doc }) {
  if (doc instanceof Y.Doc) return Y.snapshot(doc);
  const copy = new Y.Doc();
  Y.applyUpdate(copy, doc.encodeUpdate());
  return Y.snapshot(copy);
}

/** What somebody says of being in step. */
function wordOf({ doc, provider }) {
  if (provider) return provider.synced ? "synced" : "not synced";
  const { phase, unsynced } = doc.status;
  return unsynced === 0 ? phase : `${phase}, ${unsynced} unsynced`;
}

/** What somebody has, in short, for whoever looks into it. */
function seen(client) {
  const { sv, ds } = snapshotOf(client);
  return { elements: Object.fromEntries([...sv].sort()), deletions: [...ds.clients.keys()].length, text: client.body.toString().slice(0, 200) };
}
