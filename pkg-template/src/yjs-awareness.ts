/** Decides how an Awareness of y-protocols and the presence of a document show the same people. */

import type { Awareness } from "y-protocols/awareness";
import type { Doc } from "./doc.js";
import type { PresenceState, Unsubscribe } from "./types.js";

/** What the awareness says of itself; a part of what its events carry. */
interface AwarenessEvent {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/**
 * Shows the local state of `awareness` as our presence, and the others in `awareness`, until the returned function is
 * called. We are `awareness.clientID` in the awareness and `doc.clientId` to everybody else: the Y.Doc and the document
 * are two replicas, which must not edit under one id.
 */
export function bindAwareness(doc: Doc, awareness: Awareness): Unsubscribe {
  const shown = new Map<number, PresenceState>();
  let told: string | undefined;

  const tell = (): void => {
    // In JSON, as y-protocols would send it; the awareness renews itself every 15 s without any news.
    const json = JSON.stringify(awareness.getLocalState());
    if (json === told) return;
    told = json;
    doc.presence.set(JSON.parse(json) as PresenceState | null);
  };
  const onUpdate = ({ added, updated, removed }: AwarenessEvent): void => {
    if ([...added, ...updated, ...removed].includes(awareness.clientID)) tell();
  };
  const refresh = (): void => show(awareness, shown, othersOf(doc, awareness));

  tell();
  refresh();
  awareness.on("update", onUpdate);
  const stops = [doc.on("presence", refresh), doc.on("status", refresh)];
  return () => {
    for (const stop of stops) stop();
    awareness.off("update", onUpdate);
    show(awareness, shown, new Map());
    if (doc.status.phase !== "closed") doc.presence.set(null);
  };
}

/** Everyone but us, under whichever id; nobody where there is not even to be a connection. */
function othersOf(doc: Doc, awareness: Awareness): Map<number, PresenceState> {
  if (["disconnected", "stopped", "closed"].includes(doc.status.phase)) return new Map();
  const others = new Map(doc.presence.states);
  others.delete(doc.clientId);
  others.delete(awareness.clientID);
  return others;
}

/** Makes `awareness` show `others` in place of `shown`, and says so as y-protocols does. */
function show(awareness: Awareness, shown: Map<number, PresenceState>, others: ReadonlyMap<number, PresenceState>): void {
  const removed = [...shown.keys()].filter((client) => !others.has(client));
  const added = [...others.keys()].filter((client) => !shown.has(client));
  const updated = [...others.keys()].filter((client) => shown.has(client) && shown.get(client) !== others.get(client));
  for (const client of removed) {
    shown.delete(client);
    awareness.states.delete(client);
  }
  for (const client of [...added, ...updated]) {
    const state = others.get(client) ?? {};
    shown.set(client, state);
    awareness.states.set(client, state);
    // The document decides when somebody has gone: in the awareness nobody becomes outdated.
    const clock = (awareness.meta.get(client)?.clock ?? 0) + 1;
    awareness.meta.set(client, { clock, lastUpdated: Infinity });
  }
  if (added.length + updated.length + removed.length === 0) return;
  for (const name of ["change", "update"]) awareness.emit(name, [{ added, updated, removed }, "syncline"]);
}
