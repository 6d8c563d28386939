/** Decides what is told of the life of a document to a logger and to the timeline of the browser. Never contents. */

import { report } from "./emitter.js";
import type { Logger, LogLevel, Options } from "./options.js";
import type { RawEvent } from "./raw.js";
import type { Phase, Status } from "./types.js";

/** How much of the timeline a document takes at most: it may be open, and offline, for weeks. */
const MAX_MARKS = 64;

/** The phases that leave a mark. */
const MARKED: readonly Phase[] = ["connecting", "synced", "waiting", "stopped"];

/** Leaves `syncline:<name>` on the timeline, where there is one. */
export function mark(name: string, client?: number): void {
  globalThis.performance?.mark?.(`syncline:${name}`, { detail: client === undefined ? null : { client } });
}

/** What sees the events of a document before its application does. */
export class Witness {
  readonly #logger: Options["logger"];
  readonly #client: number;
  #marks = 0;
  #last: Status | undefined;

  constructor(logger: Options["logger"], client: number) {
    this.#logger = logger;
    this.#client = client;
  }

  /** Tells what there is to tell of an event. */
  see(event: RawEvent): void {
    switch (event.type) {
      case "status":
        return this.#seeStatus(event.status);
      case "opened":
        return this.#log("debug", "what this device keeps is here, or was waited for long enough");
      case "problem":
        return this.#log("warn", event.message, { code: event.code });
      case "refused":
        return this.#log("warn", "the server has refused edits", { changes: event.changes.length });
    }
  }

  #seeStatus(status: Status): void {
    const { phase, reason, store } = status;
    const last = this.#last;
    this.#last = status;
    if (phase !== last?.phase) this.#mark(phase);
    if (phase !== last?.phase || reason?.code !== last.reason?.code) {
      const { attempt, retryIn, unsynced } = status;
      const why = reason && { reason: reason.code, ...(reason.closeCode !== undefined && { closeCode: reason.closeCode }) };
      const wait = retryIn !== undefined && { retryIn };
      const message = reason ? `${phase}: ${reason.message}` : phase;
      this.#log(levelOf(status), message, { phase, ...why, attempt, ...wait, unsynced });
    }
    if (store && store.phase !== last?.store?.phase) {
      const message = `the store is ${store.phase}${store.reason ? `: ${store.reason.message}` : ""}`;
      const why = store.reason && { reason: store.reason.code };
      this.#log(store.phase === "failed" ? "warn" : "debug", message, { store: store.phase, ...why });
    }
  }

  #mark(phase: Phase): void {
    if (!MARKED.includes(phase) || this.#marks >= MAX_MARKS) return;
    this.#marks += 1;
    mark(phase, this.#client);
  }

  /** Whatever the logger does, it stops nothing. */
  #log(level: LogLevel, message: string, fields: object = {}): void {
    const logger = this.#logger;
    if (!logger) return;
    const record = { client: this.#client, ...fields };
    try {
      if (typeof logger === "function") logger(level, message, record);
      else (logger as Logger)[level]?.(`syncline: ${message}`, record);
    } catch (error) {
      report(error);
    }
  }
}

function levelOf({ phase, reason }: Status): LogLevel {
  if (phase === "stopped") return "error";
  return phase === "waiting" || (phase === "synced" && reason) ? "warn" : "info";
}
