// Decides how documents cross between instances: as Hocuspocus' Redis extension does it, and by themselves after Redis
// was away.
//
// The extension alone says what changed only while it changes: what changed while Redis was away for some seconds crosses
// with the next edit, which may never come. And no document can be opened meanwhile; who tries is told to have no
// permission.

import { Redis } from "@hocuspocus/extension-redis";
import { Publisher, Subscriber } from "./redis-clients.mjs";

/** The connection of the instances, as an extension of Hocuspocus. */
export class Crossing extends Redis {
  #open = new Map();
  #comparisons = 0;
  #waiting = [];

  /** @param {{ instance: string, redis: import("ioredis").RedisOptions }} options `instance` has to be unique */
  constructor({ instance, redis }) {
    const clients = [new Publisher(redis), new Subscriber(redis)];
    // It asks for the one that publishes first.
    super({ identifier: instance, createClient: () => clients.shift() });
    this.pub.on("ready", () => this.#begin());
    this.sub.on("subscribed", () => this.#begin());
    // They lock a store in which the last writer wins. Here each instance writes what is its own.
    this.onStoreDocument = undefined;
    this.afterStoreDocument = undefined;
  }

  /** Whether edits cross at this moment. */
  get isUp() {
    return this.pub.status === "ready" && this.sub.status === "ready";
  }

  /** Resolves when all documents that are open have been compared with those of the other instances. */
  reached() {
    if (this.isUp) return this.#compare();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async afterLoadDocument(loaded) {
    this.#open.set(loaded.documentName, loaded.document);
    await super.afterLoadDocument(loaded);
  }

  /** Keeps a document that nobody uses until the others have been told of it. */
  async beforeUnloadDocument(unloading) {
    await super.beforeUnloadDocument(unloading);
    if (this.isUp && this.#comparisons === 0) return;
    console.log(`${unloading.documentName} stays open until Redis is back`);
    // How Hocuspocus is told to keep it; anything but nothing would be printed as an error.
    await Promise.reject();
  }

  async afterUnloadDocument(unloaded) {
    if (!unloaded.instance.documents.has(unloaded.documentName)) this.#open.delete(unloaded.documentName);
    await super.afterUnloadDocument(unloaded);
  }

  #begin() {
    if (this.isUp) this.#compare().catch((error) => console.error(`documents could not be compared: ${error.message}`));
  }

  /**
   * Says what this instance has of each document and asks for what it lacks, as if the document were opened anew; those
   * who hear it ask in turn. It is done when both connections are there again, so whoever comes back last does it when
   * all others listen.
   */
  async #compare() {
    this.#comparisons += 1;
    const compared = [...this.#open].map(([documentName, document]) => this.#compareOne(documentName, document));
    await Promise.all(compared).finally(() => (this.#comparisons -= 1));
    if (!this.isUp) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
    // Those that had to stay open. It does nothing about one that is in use.
    for (const document of this.#open.values()) this.instance.unloadDocument(document);
  }

  async #compareOne(documentName, document) {
    await super.afterLoadDocument({ documentName, document });
    const { awareness } = document;
    const added = [...awareness.getStates().keys()];
    await this.onAwarenessUpdate({ documentName, document, awareness, added, updated: [], removed: [] });
  }
}
