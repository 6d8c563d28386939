// Decides what happens while a browser is killed again and again: a page of it and people in Node type all the time, and after
// every kill the server has what the page had been told to be held, and the device what it had been told to be stored.

import { setTimeout as passed } from "node:timers/promises";
import { joinWithYjs } from "../../e2e/lib/yjs-client.mjs";
import { nodeTypist, pageTypist } from "./typists.mjs";
import { countWords, missing } from "./words.mjs";

const NODE_TYPISTS = 2;
/** After so many kills all replicas are compared, and another room begins: a text for hundreds of kills would be long. */
const KILLS_A_ROOM = 20;
/** How long it is typed before the browser is killed, at most. */
const BEFORE_MS = 500;
/** Each so many kills the server is killed in the same moment. */
const TOGETHER_EVERY = 4;

/**
 * @param {object} how
 * @param {import("../../servers/lib/adapter.mjs").Adapter} how.adapter of a server that clients of Yjs can use
 * @param {number} how.kills
 * @param {{ profile: object, pages: object }} how.browser
 * @param {(done: number) => void} [how.onKill]
 * @returns {Promise<Tally>}
 * @typedef {{ kills: number, together: number, words: number, held: number, stored: number, inTime: number, rooms: number,
 *   lost: object[], cleared: number }} Tally how often the server was killed too, how many words of killed pages had been said
 *   to be held and stored, in how many kills some had been; `cleared` is how often the browser had lost all of the site
 */
export async function killBrowser({ adapter, kills, browser, onKill = () => {} }) {
  const server = await adapter.start();
  const tally = { kills: 0, together: 0, words: 0, held: 0, stored: 0, inTime: 0, rooms: 0, lost: [], cleared: 0 };
  try {
    while (tally.kills < kills) {
      tally.rooms += 1;
      const left = Math.min(KILLS_A_ROOM, kills - tally.kills);
      const room = new Room({ server, browser, name: `kills-${tally.rooms}`, tally });
      try {
        await room.open();
        for (let n = 0; n < left; n++) {
          await room.kill();
          onKill(tally.kills);
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
  #page;
  #pages = 0;
  /** What pages that were killed had been promised, by kind, and what the people in Node were. */
  #promises = { held: [], stored: [] };
  #world;

  constructor(world) {
    this.#world = world;
  }

  async open() {
    for (let n = 1; n <= NODE_TYPISTS; n++) this.#typists.push(await nodeTypist(`node${n}`, await this.#place()));
    for (const typist of this.#typists) await typist.start();
    await this.#openPage({ connected: true });
  }

  /** Kills the browser in the middle of what is typed, every few times the server too, and looks for what is promised. */
  async kill() {
    const { browser, server, tally } = this.#world;
    await this.#page.mark(tally.kills);
    await this.#page.start();
    await passed(Math.random() * BEFORE_MS);
    const { held, stored } = this.#page.promised;
    const { name } = this.#page;
    tally.kills += 1;
    if (tally.kills % TOGETHER_EVERY === 0) {
      tally.together += 1;
      await Promise.all([browser.profile.kill(), server.kill()]);
      await server.start();
      // What only the page and the memory of the server had, the page's device has to bring back.
    } else {
      await browser.profile.kill();
      // The page is gone, so that only the server can have it.
      await this.#lookAtServer([{ name, count: held }, ...this.#heldInNode()]);
      tally.held += held;
      this.#promises.held.push({ name, count: held });
    }
    tally.stored += stored;
    if (held + stored > 0) tally.inTime += 1;
    this.#promises.stored.push({ name, count: stored });
    await browser.profile.start();
    await this.#openPage({ connected: false });
    await this.#lookAtDevice();
    await this.#page.connect();
    await this.#page.untilHeld();
  }

  /** At the end everybody has everything, and the same. */
  async compare() {
    const everybody = [...this.#typists, this.#page];
    for (const typist of this.#typists) await typist.stop();
    await Promise.all(everybody.map((typist) => typist.untilHeld()));
    const witness = await this.#witness();
    try {
      const text = witness.body.toString();
      await Promise.all(everybody.map((typist) => typist.untilText(text)));
      const { held, stored } = this.#promises;
      const made = this.#typists.map(({ name, made }) => ({ name, count: made }));
      this.#note("at the end", missing(text, [...held, ...stored, ...made]));
      this.#world.tally.words += [...countWords(text).values()].reduce((sum, count) => sum + count, 0);
    } finally {
      witness.close();
    }
  }

  async close() {
    for (const typist of this.#typists) await typist.close();
    await this.#page?.close();
  }

  async #openPage(how) {
    const { browser } = this.#world;
    this.#pages += 1;
    this.#page = await pageTypist(`page${this.#pages}`, browser.profile, browser.pages, await this.#place(), how);
  }

  #heldInNode() {
    return this.#typists.map(({ name, promised }) => ({ name, count: promised.held }));
  }

  async #lookAtServer(promises) {
    const witness = await this.#witness();
    this.#note("the server", missing(witness.body.toString(), promises));
    witness.close();
  }

  /** What the device has, before anybody else is heard. What the browser itself has lost is told apart by marks. */
  async #lookAtDevice() {
    const { tally } = this.#world;
    if (!(await this.#page.marks()).includes(tally.kills - 1)) {
      tally.cleared += 1;
      this.#promises.stored = [];
    }
    this.#note("the device", missing(await this.#page.text(), this.#promises.stored));
  }

  #note(where, lost) {
    const { tally } = this.#world;
    tally.lost.push(...lost.map((each) => ({ kill: tally.kills, where, ...each })));
  }

  async #witness() {
    const { url, room, options } = await this.#place();
    return joinWithYjs(url, room, { token: options.token });
  }

  #place() {
    return this.#world.server.place(this.#world.name);
  }
}
