/** Decides how events that everybody else in the room is told look to the application. */

import { describe } from "./check.js";
import { Observers } from "./emitter.js";
import { SynclineError } from "./errors.js";
import { toJson } from "./json.js";
import type { Broadcast, JsonValue, Observer, Unsubscribe } from "./types.js";

/** What `doc.on` is given before the name of an event. */
export const PREFIX = "broadcast:";

const MAX_NAME = 64;

/** Who listens to which events. */
export class Broadcasts {
  readonly #observers = new Map<string, Observers<Broadcast>>();

  on(event: string, observer: Observer<Broadcast>): Unsubscribe {
    requireName(event);
    const observers = this.#observers.get(event) ?? new Observers<Broadcast>();
    const stop = observers.add(observer);
    this.#observers.set(event, observers);
    return () => {
      stop();
      if (observers.size === 0 && this.#observers.get(event) === observers) this.#observers.delete(event);
    };
  }

  /** Tells those who listen. What others send under our name may be anything: what is no event is passed over. */
  deliver(from: number, json: string): void {
    const told = readEvent(json);
    if (told) this.#observers.get(told.event)?.emit({ payload: told.payload, from });
  }

  clear(): void {
    for (const observers of this.#observers.values()) observers.clear();
    this.#observers.clear();
  }
}

/** An event as it travels. */
export function writeEvent(event: string, payload: JsonValue): string {
  requireName(event);
  return `[${JSON.stringify(event)},${toJson(payload, "the payload")}]`;
}

function readEvent(json: string): { readonly event: string; readonly payload: JsonValue } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [event, payload] = value as [unknown, JsonValue];
  return isName(event) ? { event, payload } : undefined;
}

function requireName(event: unknown): void {
  if (isName(event)) return;
  const found = typeof event === "string" ? `${event.length} characters` : describe(event);
  throw new SynclineError("bad-argument", `the name of an event must be a text of 1 to ${MAX_NAME} characters, not ${found}`);
}

function isName(event: unknown): event is string {
  return typeof event === "string" && event.length >= 1 && event.length <= MAX_NAME;
}
