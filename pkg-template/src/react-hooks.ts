/** Decides what components see: of a document, of what is in it, of who is here. */

import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Doc } from "./doc.js";
import type { List } from "./list.js";
import type { MapType } from "./map.js";
import type { Presence } from "./presence.js";
import { hold, keyOfWanted, peek, renew, type DocOptions, type Open, type Opened } from "./react-documents.js";
import { kept } from "./react-snapshot.js";
import { Store, unlessGone, type Source } from "./react-store.js";
import type { Text } from "./text.js";
import type { PresenceState, Status, Unsubscribe, Value } from "./types.js";

/** What a map holds, as it was at one moment. */
export type MapSnapshot = { readonly [key: string]: Value };

/** What a list holds, as it was at one moment. */
export type ListSnapshot = readonly Value[];

/** Everyone's presence by client id, as it was at one moment. */
export type PresenceSnapshot = ReadonlyMap<number, PresenceState>;

const NOTHING: Opened = { phase: "opening" };
const NO_FIELDS: MapSnapshot = Object.freeze({});
const NO_ITEMS: ListSnapshot = Object.freeze([]);
const NOBODY: PresenceSnapshot = new Map();

/** `useDoc` with the `open` of an entry. */
export function useDocBy(open: Open, url: string | undefined, room: string | undefined, options: DocOptions = {}): Doc | undefined {
  const wanted = url === undefined || room === undefined ? undefined : { url, room, options };
  const key = wanted && keyOfWanted(wanted);
  const subscribe = useCallback(
    (onChange: () => void): Unsubscribe => (key === undefined || !wanted ? () => {} : hold(key, wanted, open, onChange)),
    // What is wanted is as the key says.
    [key, open],
  );
  const look = (): Opened => (key === undefined ? NOTHING : peek(key));
  const opened = useSyncExternalStore(subscribe, look, () => NOTHING);
  useEffect(() => {
    if (key !== undefined) renew(key, options);
  });
  if (opened.phase === "failed") throw opened.error;
  return opened.phase === "open" ? opened.doc : undefined;
}

/**
 * The text of this name, and its handle to edit it by. Before the document is open they are `""` and `undefined`. Takes a
 * handle too, such as that of a nested text.
 */
export function useText(doc: Doc | undefined, name: string): [value: string, text: Text | undefined];
export function useText(text: Text | undefined): [value: string, text: Text | undefined];
export function useText(of: Doc | Text | undefined, name?: string): [string, Text | undefined] {
  const text = handleOf<Text>("text", of, name);
  return [useStore(text, "", sourceOfText), text];
}

/**
 * What the map of this name holds, and its handle to edit it by. Before the document is open they are `{}` and
 * `undefined`. The object is frozen; what did not change in it stays the same object. Takes a handle too, such as that of a
 * nested map.
 */
export function useMap(doc: Doc | undefined, name: string): [value: MapSnapshot, map: MapType | undefined];
export function useMap(map: MapType | undefined): [value: MapSnapshot, map: MapType | undefined];
export function useMap(of: Doc | MapType | undefined, name?: string): [MapSnapshot, MapType | undefined] {
  const map = handleOf<MapType>("map", of, name);
  return [useStore<MapType, MapSnapshot>(map, NO_FIELDS, sourceOfValues), map];
}

/**
 * What the list of this name holds, and its handle to edit it by. Before the document is open they are `[]` and
 * `undefined`. The array is frozen; what did not change in it stays the same object. Takes a handle too, such as that of a
 * nested list.
 */
export function useList(doc: Doc | undefined, name: string): [value: ListSnapshot, list: List | undefined];
export function useList(list: List | undefined): [value: ListSnapshot, list: List | undefined];
export function useList(of: Doc | List | undefined, name?: string): [ListSnapshot, List | undefined] {
  const list = handleOf<List>("list", of, name);
  return [useStore<List, ListSnapshot>(list, NO_ITEMS, sourceOfValues), list];
}

/** Where the document stands with its server; `undefined` before it is open. */
export function useStatus(doc: Doc | undefined): Status | undefined {
  return useStore<Doc, Status | undefined>(doc, undefined, sourceOfStatus);
}

/** Who is here, the own state included, and the handle to show oneself by. Before the document is open: nobody. */
export function usePresence(doc: Doc | undefined): [states: PresenceSnapshot, presence: Presence | undefined] {
  const presence = doc?.presence;
  const sourceOf = (presence: Presence): Source<PresenceSnapshot> => ({
    read: () => presence.states,
    observe: (tell) => doc?.on("presence", tell) ?? (() => {}),
  });
  return [useStore(presence, NOBODY, sourceOf), presence];
}

/** The stores by what they tell of: all components that show the same thing share one. */
const stores = new WeakMap<object, Store<unknown>>();

function useStore<Subject extends object, Snapshot>(
  subject: Subject | undefined,
  empty: Snapshot,
  sourceOf: (subject: Subject) => Source<Snapshot>,
): Snapshot {
  const nothing = (): Snapshot => empty;
  const store = subject && storeOf(subject, empty, sourceOf);
  return useSyncExternalStore(store?.subscribe ?? neverTold, store?.snapshot ?? nothing, nothing);
}

function storeOf<Subject extends object, Snapshot>(
  subject: Subject,
  empty: Snapshot,
  sourceOf: (subject: Subject) => Source<Snapshot>,
): Store<Snapshot> {
  const known = stores.get(subject) as Store<Snapshot> | undefined;
  const store = known ?? new Store(sourceOf(subject), empty);
  stores.set(subject, store as Store<unknown>);
  return store;
}

function neverTold(): Unsubscribe {
  return () => {};
}

function sourceOfText(text: Text): Source<string> {
  return { read: () => text.toString(), observe: (tell) => text.observe(tell) };
}

function sourceOfValues<Snapshot>(type: { toJSON(): Snapshot; observe(observer: () => void): Unsubscribe }): Source<Snapshot> {
  return { read: (before) => kept(before, type.toJSON()), observe: (tell) => type.observe(tell) };
}

function sourceOfStatus(doc: Doc): Source<Status | undefined> {
  return { read: (before) => kept(before, sinceThen(before, doc.status)), observe: (tell) => doc.on("status", tell) };
}

/** The status with the wait as it was said first: that time passes is no news. */
function sinceThen(before: Status | undefined, status: Status): Status {
  if (before?.retryIn === undefined || status.retryIn === undefined || status.retryIn > before.retryIn) return status;
  return { ...status, retryIn: before.retryIn };
}

/** The handles that components have used: they show what they had when the document is closed. */
const handles = new WeakMap<Doc, Map<string, unknown>>();

/** The handle of this name in a document; or `of` itself, which is one if there is no name. */
function handleOf<Handle>(kind: "text" | "map" | "list", of: Doc | Handle | undefined, name: string | undefined): Handle | undefined {
  if (of === undefined || name === undefined) return of as Handle | undefined;
  const doc = of as Doc;
  const known = handles.get(doc) ?? new Map<string, unknown>();
  handles.set(doc, known);
  const id = `${kind} ${name}`;
  const handle = known.get(id) ?? unlessGone(() => doc[kind](name), undefined);
  if (handle) known.set(id, handle);
  return handle as Handle | undefined;
}
