/** Decides what is told of the life of a document to a logger and to the timeline of the browser. Never contents. */

import { report } from "./emitter.js";
import type { Logger, LogLevel, Options } from "./options.js";
import type { RawEvent } from "./raw.js";
import type { Phase, Status } from "./types.js";

/**
 * How many marks of one name the timeline has at most, of all documents: it forgets nothing by itself, while a page opens
 * document after document, and one may be offline for weeks.
 */
const MAX_MARKS = 32;

/** How many of each name were left since they were cleared. */
const left: Record<string, number> = {};

/** The phases that leave a mark. */
const MARKED: readonly Phase[] = ["connecting", "synced", "waiting", "stopped"];

/** Leaves `syncline:<name>` on the timeline, where there is one, in the place of the older ones where they are too many. */
export function mark(name: string, client?: number): void {
  const timeline = globalThis.performance;
  const full = `syncline:${name}`;
  const before = left[name] ?? 0;
  const isFull = before >= MAX_MARKS;
  left[name] = isFull ? 1 : before + 1;
  if (isFull) timeline?.clearMarks?.(full);
  timeline?.mark?.(full, { detail: client === undefined ? null : { client } });
}

/** What sees the events of a document before its application does. */
export class Witness {
  readonly #logger: Options["logger"];
  readonly #client: () => number;
  #last: Status | undefined;

  constructor(logger: Options["logger"], client: () => number) {
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
    if (phase !== last?.phase && MARKED.includes(phase)) mark(phase, this.#client());
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

  /** Whatever the logger does, it stops nothing. */
  #log(level: LogLevel, message: string, fields: object = {}): void {
    const logger = this.#logger;
    if (!logger) return;
    const record = { client: this.#client(), ...fields };
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
