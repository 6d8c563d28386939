// Decides what of a document is compared: what its API shows, down to the innermost type, and what it knows.

import * as Y from "yjs";
import { normalized } from "../../e2e/lib/random-edits.mjs";

/** The types at the root of every session that both kinds of peers edit, with what they are. */
export const ROOTS = { body: "text", meta: "map", todos: "list" };
/** The one that Syncline keeps and passes on, and that Yjs alone can show. */
export const XML_ROOT = "page";

/** Everything that a peer shows, in a form that is equal for equal documents. */
export function contentOf(peer) {
  return Object.fromEntries(Object.keys(ROOTS).map((name) => [name, shown(peer, peer.root(name))]));
}

/** A type with all that is nested in it. */
function shown(peer, target) {
  const { kind, shared } = target;
  if (kind === "text") return { text: normalized(shared.toDelta()) };
  const places = peer.places(target);
  const items = places.map((place) => {
    const inner = peer.nested(target, place);
    return inner ? shown(peer, inner) : { value: shared.get(place) };
  });
  return kind === "list" ? { list: items } : { map: Object.fromEntries(places.map((key, at) => [key, items[at]])) };
}

/** The XML that a peer of Yjs shows: tags with their attributes, and texts with their formatting. */
export function xmlOf(peer) {
  return peer.root(XML_ROOT).shared.toString();
}

/** What a document knows: how much of everybody's edits, and which of them are deleted. */
export function knowledgeOf(update) {
  const { structs, ds } = Y.decodeUpdate(update);
  const known = new Map();
  for (const { id, length } of structs) known.set(id.client, Math.max(known.get(id.client) ?? 0, id.clock + length));
  return { known: entriesOf(known), deleted: entriesOf(ds.clients).map(([client, ranges]) => [client, joined(ranges)]) };
}

function entriesOf(map) {
  return [...map].sort(([a], [b]) => a - b);
}

/** Ranges say the same in several ways: those that touch each other are one. */
function joined(ranges) {
  const sorted = ranges.map(({ clock, len }) => [clock, clock + len]).sort(([a], [b]) => a - b);
  const result = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
