// Decides what a case has: a room of its own at the server, people who come with a network of their own, and what it waits for.

import { isDeepStrictEqual } from "node:util";
import { cleanup } from "../../e2e/lib/cleanup.mjs";
import { startProxy } from "../../e2e/lib/proxy.mjs";
import { contentOf } from "../../e2e/lib/random-edits.mjs";
import { joinWithSyncline } from "../../e2e/lib/syncline-client.mjs";
import { events, until } from "../../e2e/lib/until.mjs";
import { joinWithYjs } from "../../e2e/lib/yjs-client.mjs";

/** How fast people try again here: the tests do not want to wait. */
const SOON = { backoffBase: 50, backoffCap: 500 };
let rooms = 0;

/** Where one case happens. */
export class Stage {
  #own;
  #people = [];

  /**
   * @param {import("node:test").TestContext} t
   * @param {import("./adapter.mjs").Adapter} adapter
   * @param {import("./adapter.mjs").Server} server
   */
  constructor(t, adapter, server) {
    this.#own = cleanup(t);
    this.t = t;
    this.adapter = adapter;
    this.server = server;
    this.room = `room-${(rooms += 1)}`;
  }

  /** Somebody comes, and is in step unless `synced` is false. Each has a network: `client.proxy`. */
  async join({ who, room: name = this.room, synced = true, ...more } = {}) {
    const { url, room, options } = await this.server.place(name, who);
    const client = await this.#through(url, (address) =>
      joinWithSyncline(address, room, { ...SOON, ...options, ...more, synced: false }),
    );
    if (synced) await client.status(({ phase }) => phase === "synced");
    return client;
  }

  /** Somebody comes with yjs and y-websocket; is in step unless `synced` is false. */
  async joinWithYjs({ synced = true } = {}) {
    const { url, room, options } = await this.server.place(this.room);
    return this.#through(url, (address) => joinWithYjs(address, room, { synced, token: options.token }));
  }

  /** So many come one after the other, and all are in step. */
  async people(count, options) {
    const clients = [];
    // Behind a relay, the first has nobody to be in step with.
    const synced = this.adapter.holds !== "peers";
    for (let n = 0; n < count; n++) clients.push(await this.join({ ...options, synced }));
    await Promise.all(clients.map((client) => client.status(({ phase }) => phase === "synced")));
    return clients;
  }

  /** Everybody leaves, and the server has noticed. */
  async everyoneLeaves() {
    for (const { client, proxy } of this.#people.splice(0)) {
      await client.close();
      await until(() => proxy.connections.length === 0, { sources: [events(proxy, "closed")] });
    }
  }

  /** Resolves when the room is on the server's disk, where it has these bytes and looks right to a client. */
  async untilWritten(bytes, looksRight) {
    await this.adapter.written?.(this.server, this.room, bytes);
    // Other servers forget a document that nobody has open, so this is read from the disk: it is written.
    await looksRight(await this.join());
    await this.everyoneLeaves();
  }

  async #through(url, open) {
    const proxy = this.#own(await startProxy(url));
    const address = new URL(url);
    address.port = proxy.port;
    const client = this.#own(await open(address.href.replace(/\/$/, "")));
    this.#people.push({ client, proxy });
    return Object.assign(client, { proxy });
  }
}

/** Resolves when all have the same content, none has anything that is not saved, and `condition` holds. */
export async function untilTogether(clients, condition = () => true) {
  const contents = () => clients.map(contentOf);
  const isSaved = () => clients.every(({ doc }) => doc.status === undefined || doc.status.unsynced === 0);
  const isEqual = () => {
    const [first, ...others] = contents();
    return others.every((other) => isDeepStrictEqual(other, first));
  };
  await until(() => isSaved() && isEqual() && condition(clients[0]), {
    sources: clients.map(({ news }) => news),
    state: () => [clients.map(({ doc }) => doc.status), contents()].map((value) => JSON.stringify(value).slice(0, 2_000)),
  });
}

/** Resolves when the text of this client is `text`. */
export function untilText({ body, news }, text) {
  return until(() => body.toString() === text, { sources: [news], state: () => body.toString().slice(0, 2_000) });
}

/** Resolves when this client is told to be here by `presence` of everybody named, within `deadline`. */
export function untilPresent({ doc }, names, deadline) {
  const present = () => [...doc.presence.states.values()].map(({ name }) => name).sort();
  return until(() => isDeepStrictEqual(present(), names), {
    sources: [(listener) => doc.on("presence", listener)],
    state: present,
    deadline,
  });
}
