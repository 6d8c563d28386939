// Decides what happens in a soak: turns at a steady pace, in a page and in Node, over connections that are cut; from time to
// time everything rests and is counted.

import { setTimeout as passed } from "node:timers/promises";
import { startProxy } from "../../e2e/lib/proxy.mjs";
import { startServer } from "../../e2e/lib/server.mjs";
import { events, until } from "../../e2e/lib/until.mjs";
import { startNodeSide } from "./node-side.mjs";
import { startPageSide } from "./page-side.mjs";

/** How often a turn begins: slow enough that the machine is idle most of the time. */
const PACE_MS = 1_000;
/** After how many turns all connections are cut, and after how many there is no network for a while. */
const CUT_EVERY = 7;
const DOWN_EVERY = 40;
const DOWN_MS = 700;
const STUCK_MS = 120_000;
/** Short waits, so that all that waits is done many times. */
const OPTIONS = { backoffCap: 500 };

/**
 * Runs until `isOver()`.
 * @param {{ sampleMs: number, isOver: () => boolean, onSample?: (sample: Sample) => void }} how
 * @returns {Promise<Soaked>}
 * @typedef {{ at: number, page: Record<string, number>, node: Record<string, number> }} Sample with the milliseconds since
 *   the beginning, and what was counted
 * @typedef {{ samples: Sample[], turns: number, cuts: number, edits: number, opened: number, ms: number, errors: string[] }} Soaked
 */
export async function soak({ sampleMs, isOver, onSample = () => {} }) {
  const ends = [];
  const own = (resource) => (ends.unshift(() => resource.close()), resource);
  try {
    const server = own(await startServer());
    const proxy = own(await startProxy(server.url));
    const page = own(await startPageSide(proxy.url, { ...OPTIONS, store: true }));
    const node = own(await startNodeSide(proxy.url, OPTIONS));
    return await new Soak(proxy, { page, node }).run({ sampleMs, isOver, onSample });
  } finally {
    for (const end of ends) await end();
  }
}

class Soak {
  #proxy;
  #sides;
  #turns = 0;
  #cuts = 0;

  constructor(proxy, sides) {
    this.#proxy = proxy;
    this.#sides = sides;
  }

  async run({ sampleMs, isOver, onSample }) {
    const began = performance.now();
    const samples = [];
    let done = {};
    do {
      const restAt = performance.now() + sampleMs;
      while (performance.now() < restAt && !isOver()) await this.#turn();
      done = await this.#rest();
      samples.push({ at: performance.now() - began, ...(await this.#count(done)) });
      onSample(samples.at(-1));
    } while (!isOver());
    await this.#both("end", (side) => side.end());
    const [edits, opened] = ["edits", "opened"].map((what) => done.page[what] + done.node[what]);
    const ms = performance.now() - began;
    return { samples, turns: this.#turns, cuts: this.#cuts, edits, opened, ms, errors: this.#sides.page.errors };
  }

  async #turn() {
    this.#turns += 1;
    const pace = passed(PACE_MS);
    const turns = this.#both("turn", (side) => side.turn());
    const fault = this.#fault();
    await Promise.all([turns, fault, pace]);
  }

  /** What the network does in this turn, in the middle of what is done there. */
  async #fault() {
    if (this.#turns % CUT_EVERY === 0) {
      await passed(PACE_MS / 10);
      this.#proxy.cut();
      this.#cuts += 1;
    }
    if (this.#turns % DOWN_EVERY === 0) {
      this.#proxy.goDown();
      this.#cuts += 1;
      await passed(DOWN_MS);
      this.#proxy.restore();
    }
  }

  /** Resolves when nothing is open but the document that stays, on each side, and nothing is on its way. */
  async #rest() {
    const done = await this.#both("rest", (side) => side.rest());
    const left = () => this.#proxy.connections.length === Object.keys(this.#sides).length;
    await until(left, { sources: [events(this.#proxy, "closed"), events(this.#proxy, "connection")], state: () => this.#proxy.connections.length });
    return done;
  }

  async #count(done) {
    const counts = await this.#both("census", (side) => side.census());
    for (const [name, { history }] of Object.entries(done)) counts[name].history = history;
    return counts;
  }

  /** Has both sides do something, and fails where one does not come back. */
  async #both(what, work) {
    const stuck = new AbortController();
    const deadline = passed(STUCK_MS, undefined, { signal: stuck.signal }).then(
      () => Promise.reject(new Error(`'${what}' of turn ${this.#turns} is stuck`)),
      () => {},
    );
    const names = Object.keys(this.#sides);
    const all = Promise.all(names.map((name) => work(this.#sides[name])));
    try {
      const values = await Promise.race([all, deadline]);
      return Object.fromEntries(names.map((name, n) => [name, values[n]]));
    } finally {
      stuck.abort();
    }
  }
}
