/** Decides how presence looks to the application: what everyone shows of themselves, for as long as they are here. */

import { describe, isRecord } from "./check.js";
import { badValue, toJson } from "./json.js";
import type { DocRef } from "./refs.js";
import type { JsonValue, PresenceState } from "./types.js";

/** Where events travel in a presence state; they are never seen here. */
const EVENTS = "syncline:events";

interface Parsed {
  readonly json: string;
  readonly state: PresenceState;
}

/** Who is here. Nothing of it is stored. `doc.on("presence", …)` tells when it changed. */
export class Presence {
  readonly #ref: DocRef;
  readonly #clientId: () => number;
  #parsed = new Map<number, Parsed>();
  #states: ReadonlyMap<number, PresenceState> | undefined;
  /** Whom the states were read as. */
  #reader = 0;

  /** @internal */
  constructor(ref: DocRef, clientId: () => number) {
    this.#ref = ref;
    this.#clientId = clientId;
  }

  /** Everyone's state by client id, the own one under `doc.clientId`; the same map until something changes. */
  get states(): ReadonlyMap<number, PresenceState> {
    const doc = this.#ref.id;
    const reader = this.#clientId();
    if (this.#reader !== reader) this.refresh();
    this.#reader = reader;
    this.#states ??= this.#read(this.#ref.raw.docPresence(doc));
    return this.#states;
  }

  /** What this client shows, or `null`. */
  get own(): PresenceState | null {
    return this.states.get(this.#clientId()) ?? null;
  }

  /** Shows `state` to everyone, in place of what was shown; `null` leaves. */
  set(state: PresenceState | null): void {
    const json = state === null ? undefined : toState(state);
    this.#ref.raw.docSetPresence(this.#ref.id, json);
    this.refresh();
  }

  /** Changes the named fields of the own state; one that is `undefined` is taken away. */
  update(fields: { readonly [key: string]: JsonValue | undefined }): void {
    // What is not JSON, `undefined` included, is dropped or refused by `set`.
    this.set({ ...this.own, ...fields } as PresenceState);
  }

  /** @internal The states have changed. */
  refresh(): void {
    this.#states = undefined;
  }

  /** A state that did not change keeps its object. What is no JSON object is a fault of its sender and not shown. */
  #read(entries: readonly (readonly [number, string])[]): ReadonlyMap<number, PresenceState> {
    const parsed = new Map<number, Parsed>();
    for (const [client, json] of entries) {
      const known = this.#parsed.get(client);
      const state = known?.json === json ? known.state : parseState(json);
      if (state) parsed.set(client, { json, state });
    }
    this.#parsed = parsed;
    return new Map([...parsed].map(([client, { state }]) => [client, state]));
  }
}

function parseState(json: string): PresenceState | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? (value as PresenceState) : undefined;
  } catch {
    return undefined;
  }
}

function toState(state: PresenceState): string {
  if (!isRecord(state)) throw badValue(`a presence state must be an object, not ${describe(state)}`);
  const json = toJson(state, "the presence state");
  const shown = parseState(json);
  if (!shown) throw badValue("a presence state must be an object in JSON");
  if (Object.hasOwn(shown, EVENTS)) throw badValue(`'${EVENTS}' of the presence state is where events of broadcast() travel`);
  return json;
}
