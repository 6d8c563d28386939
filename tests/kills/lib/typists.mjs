// Decides who types while others are killed: clients of the package in Node, and pages of a browser, with the same methods.
//
// Each notes what it was promised at the moment it was told: all words made until then are held, or stored.

import { joinWithSyncline } from "../../e2e/lib/syncline-client.mjs";
import { openTab } from "../../e2e/lib/tab.mjs";
import { until } from "../../e2e/lib/until.mjs";
import { word } from "./words.mjs";

/** How long people pause between two words, one of these by chance: mostly not at all, so that edits meet kills. */
const PAUSES_MS = [1, 4, 4, 8, 60];
/** How fast they try again. */
export const SOON = { backoffBase: 50, backoffCap: 500 };

/** Somebody in this process, at the place of a server. */
export async function nodeTypist(name, { url, room, options }) {
  const client = await joinWithSyncline(url, room, { ...SOON, ...options, synced: false });
  return new NodeTypist(name, client);
}

class NodeTypist {
  #client;
  #timer;
  made = 0;
  promised = { held: 0 };

  constructor(name, client) {
    this.name = name;
    this.#client = client;
    client.doc.on("status", ({ unsynced }) => unsynced === 0 && (this.promised.held = this.made));
  }

  start() {
    const { body } = this.#client;
    const type = () => {
      this.made += 1;
      body.insert(body.length, word(this.name, this.made));
      this.#timer = setTimeout(type, PAUSES_MS[(Math.random() * PAUSES_MS.length) | 0]);
    };
    type();
  }

  async stop() {
    clearTimeout(this.#timer);
  }

  async text() {
    return this.#client.body.toString();
  }

  /** Resolves when all that it has made until some moment from here on is held. */
  async untilHeld() {
    await this.#client.status(({ phase, unsynced }) => phase === "synced" && unsynced === 0);
  }

  async untilText(text) {
    const { news, body } = this.#client;
    await until(() => body.toString() === text, { sources: [news], state: () => body.toString().slice(-500) });
  }

  async close() {
    clearTimeout(this.#timer);
    await this.#client.close();
  }
}

/** Somebody in a new tab of a browser, whose device keeps the document. Without `connected` it is offline until `connect()`. */
export async function pageTypist(name, profile, pages, { url, room, options }, { connected = true } = {}) {
  const kept = { ...SOON, ...options, store: true, storeTimeout: 60_000, connect: connected };
  const tab = await openTab(profile, pages, url, room, kept);
  // A browser that has just started may refuse at first; the document is open then, and what is kept comes later.
  await tab.until(() => window.doc.status.store.phase === "ready");
  return new PageTypist(name, tab);
}

class PageTypist {
  #tab;
  made = 0;
  promised = { held: 0, stored: 0 };

  constructor(name, tab) {
    this.name = name;
    this.#tab = tab;
    tab.page.on("console", (message) => {
      const [what, count] = message.text().split(" ");
      if (what in this.promised) this.promised[what] = Number(count);
    });
  }

  async start() {
    await this.#tab.run(typeInPage, this.name, PAUSES_MS);
  }

  async stop() {
    this.made = await this.#tab.run(() => window.stopTyping());
  }

  connect() {
    return this.#tab.run(() => window.doc.connect());
  }

  text() {
    return this.#tab.text();
  }

  untilHeld() {
    return this.#tab.untilSaved();
  }

  untilText(text) {
    return this.#tab.untilText(text);
  }

  /** Exceptions and problems that the page reported. */
  async trouble() {
    return [...this.#tab.errors, ...(await this.#tab.run(() => window.problems.map(({ code }) => code)))];
  }

  /** The numbers of the marks that the browser has kept, in a database of its own. */
  marks() {
    return this.#tab.run(() => window.rawStore.marks());
  }

  mark(number) {
    return this.#tab.run((number) => window.rawStore.mark(number), number);
  }

  close() {
    return this.#tab.close();
  }
}

/** Runs in the page: types, and tells on the console how many words are held and how many stored, when it is told so itself. */
function typeInPage(name, pauses) {
  let made = 0;
  let timer;
  window.doc.on("status", ({ unsynced, unstored }) => {
    if (unsynced === 0) console.log(`held ${made}`);
    if (unstored === 0) console.log(`stored ${made}`);
  });
  const type = () => {
    made += 1;
    window.body.insert(window.body.length, `${name}.${made};`);
    timer = setTimeout(type, pauses[(Math.random() * pauses.length) | 0]);
  };
  window.stopTyping = () => {
    clearTimeout(timer);
    return made;
  };
  type();
}
