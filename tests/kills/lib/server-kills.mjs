// Decides what happens while a server is killed again and again: people type all the time, in Node and in a page, and after
// every kill somebody new is shown by the server whatever it had been said to hold.

import assert from "node:assert/strict";
import { setTimeout as passed } from "node:timers/promises";
import { nodeTypist, pageTypist, SOON } from "./typists.mjs";
import { joinWithSyncline } from "../../e2e/lib/syncline-client.mjs";
import { joinWithYjs } from "../../e2e/lib/yjs-client.mjs";
import { countWords, missing } from "./words.mjs";

const NODE_TYPISTS = 2;
/** After so many kills all replicas are compared, and another room begins: a text for hundreds of kills would be long. */
const KILLS_A_ROOM = 20;
/** How long it is typed before the server is killed, and how long it stays away, at most. */
const BEFORE_MS = 400;
const AWAY_MS = 200;

/**
 * @param {object} how
 * @param {import("../../servers/lib/adapter.mjs").Adapter} how.adapter
 * @param {number} how.kills
 * @param {{ profile: object, pages: object }} [how.browser] without, nobody types in a page
 * @param {(done: number) => void} [how.onKill]
 * @returns {Promise<Tally>}
 * @typedef {{ kills: number, words: number, promised: number, lost: object[], rooms: number, took: number[] }} Tally of how many
 *   words it had been said at a kill that they are held; `took` is after how many milliseconds all was held again
 */
export async function killServer({ adapter, kills, browser, onKill = () => {} }) {
  const server = await adapter.start();
  const tally = { kills: 0, words: 0, promised: 0, lost: [], rooms: 0, took: [] };
  try {
    while (tally.kills < kills) {
      tally.rooms += 1;
      const left = Math.min(KILLS_A_ROOM, kills - tally.kills);
      const room = new Room({ adapter, server, browser, name: `kills-${tally.rooms}`, tally });
      try {
        await room.open();
        for (let n = 0; n < left; n++) {
          await room.kill();
          onKill((tally.kills += 1));
        }
        await room.compare();
      } finally {
        await room.close();
      }
    }
  } finally {
    await server.close();
  }
  return tally;
}

class Room {
  #typists = [];
  /** How many words had been said to be held at the last kill. */
  #promised = 0;
  #world;

  constructor(world) {
    this.#world = world;
  }

  async open() {
    const { browser } = this.#world;
    for (let n = 1; n <= NODE_TYPISTS; n++) this.#typists.push(await nodeTypist(`node${n}`, await this.#place()));
    if (browser) this.#typists.push(await pageTypist("page", browser.profile, browser.pages, await this.#place()));
    for (const typist of this.#typists) await typist.start();
  }

  /** Kills the server in the middle of what is typed, and looks for what it had been said to hold once it is back. */
  async kill() {
    const { server, tally } = this.#world;
    await passed(Math.random() * BEFORE_MS);
    const before = this.#held();
    await server.kill();
    await passed(Math.random() * AWAY_MS);
    await server.start();
    const since = performance.now();
    await Promise.all(this.#typists.map((typist) => typist.untilHeld()));
    tally.took.push(performance.now() - since);
    this.#promised = before.reduce((sum, { count }) => sum + count, 0);
    // What it is said to hold at this moment, which is at least what was made before.
    await this.#look([...before, ...this.#held()]);
  }

  /** At the end everybody has everything, and the same. */
  async compare() {
    for (const typist of this.#typists) await typist.stop();
    await Promise.all(this.#typists.map((typist) => typist.untilHeld()));
    const witness = await this.#witness();
    try {
      await Promise.all(this.#typists.map(async (typist) => typist.untilText(await witness.text())));
      const counts = countWords(await witness.text());
      const made = Object.fromEntries(this.#typists.map(({ name, made }) => [name, made]));
      assert.deepEqual(Object.fromEntries([...counts].sort()), made, "what was typed, and what is there");
      this.#world.tally.promised += this.#promised;
      this.#world.tally.words += Object.values(made).reduce((sum, count) => sum + count, 0);
    } finally {
      await witness.close();
    }
  }

  async close() {
    for (const typist of this.#typists) await typist.close();
  }

  #held() {
    return this.#typists.map(({ name, promised }) => ({ name, count: promised.held }));
  }

  /** Somebody who has nothing of the document asks for it, and is given all that is promised. */
  async #look(promises) {
    const { tally } = this.#world;
    const witness = await this.#witness();
    const lost = missing(await witness.text(), promises);
    tally.lost.push(...lost.map((each) => ({ kill: tally.kills + 1, ...each })));
    await witness.close();
  }

  async #witness() {
    const { adapter } = this.#world;
    const { url, room, options } = await this.#place();
    const join = () => joinWithSyncline(url, room, { ...SOON, ...options });
    const client = await (adapter.yjs ? joinWithYjs(url, room, { token: options.token }) : join());
    return { text: async () => client.body.toString(), close: () => client.close() };
  }

  #place() {
    return this.#world.server.place(this.#world.name);
  }
}
