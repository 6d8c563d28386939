// Decides how an instance talks to Redis while Redis may be away: nothing fails, nothing piles up, and somebody is told
// when it is back.
//
// Pub/sub keeps nothing: whatever was published while a subscriber was away is lost for it. So there is no point in
// keeping what could not be published either; after an outage the instances compare their documents instead.

import { Redis } from "ioredis";

/** How often a connection is asked for a sign of life, and how long it may take to give one. */
const PING_EVERY_MS = 3_000;

const RETRY_AT_MOST_EVERY_MS = 500;

const OPTIONS = {
  // A command that was under way is sent again, however long it takes; without this it fails after about ten seconds.
  maxRetriesPerRequest: null,
  retryStrategy: (attempt) => Math.min(attempt * 50, RETRY_AT_MOST_EVERY_MS),
  // What is not closed by the other side within this time is closed all the same.
  disconnectTimeout: 100,
  // The subscriber keeps its own list: a channel may be wanted before there is a connection.
  autoResubscribe: false,
};

/** The connection that publishes. While there is none, what is published is dropped. */
export class Publisher extends Redis {
  constructor(redis) {
    super({ ...OPTIONS, ...redis });
    keepAlive(this);
  }

  publish(...message) {
    return this.status === "ready" ? super.publish(...message) : Promise.resolve(0);
  }

  /** How many listen to a channel; as long as nobody can be asked, nobody. */
  pubsub(question, ...channels) {
    if (this.status === "ready") return super.pubsub(question, ...channels);
    return Promise.resolve(channels.flatMap((channel) => [channel, 0]));
  }
}

/** The connection that listens. Emits "subscribed" whenever it has begun to hear all channels that are wanted. */
export class Subscriber extends Redis {
  #wanted = new Set();

  constructor(redis) {
    super({ ...OPTIONS, ...redis });
    keepAlive(this);
    this.on("ready", () => this.#listen());
  }

  /** Wants one more channel; `done` is called at once when there is no connection. */
  subscribe(channel, done) {
    this.#wanted.add(channel);
    if (this.status === "ready") return super.subscribe(channel, done);
    done?.(null, this.#wanted.size);
    return Promise.resolve(this.#wanted.size);
  }

  unsubscribe(channel, done) {
    this.#wanted.delete(channel);
    if (this.status === "ready") return super.unsubscribe(channel, done);
    done?.(null, this.#wanted.size);
    return Promise.resolve(this.#wanted.size);
  }

  async #listen() {
    await super.subscribe(...this.#wanted);
    this.emit("subscribed");
  }
}

/**
 * Notices a connection that is dead and was not closed, and keeps those that are quiet alive. Says each outage once:
 * without a listener for errors, every attempt is printed.
 */
function keepAlive(client) {
  let isAway = false;
  client.on("error", ({ message }) => {
    if (!isAway) console.error(`Redis is away (${message}): edits do not cross to the other instances until it is back.`);
    isAway = true;
  });
  client.on("ready", () => (isAway = false));
  let isAsked = false;
  const ask = () => {
    if (client.status !== "ready") return;
    if (isAsked) return client.disconnect(true);
    isAsked = true;
    client.ping().finally(() => (isAsked = false)).catch(() => {});
  };
  // ioredis has `socketTimeout` for this, whose timer outlives the connection that it was set for, and ends the next one.
  setInterval(ask, PING_EVERY_MS).unref();
}
