// Decides how presence is read and written: the awareness format of y-protocols.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { PRESENCE } from "./limits.mjs";

/**
 * What one client says of itself; a `state` of "null" says that it left.
 * @typedef {{ client: number, clock: number, state: string }} Entry
 */

/**
 * Reads what a client says; nothing where it is not whole, not JSON, or too much.
 * @param {Uint8Array} bytes
 * @returns {Entry[] | undefined}
 */
export function readEntries(bytes) {
  if (bytes.length > PRESENCE.bytes) return undefined;
  try {
    const decoder = decoding.createDecoder(bytes);
    const count = decoding.readVarUint(decoder);
    if (count > PRESENCE.entries) return undefined;
    const entries = Array.from({ length: count }, () => readEntry(decoder));
    return decoding.hasContent(decoder) ? undefined : entries;
  } catch {
    return undefined;
  }
}

function readEntry(decoder) {
  const client = decoding.readVarUint(decoder);
  const clock = decoding.readVarUint(decoder);
  const state = decoding.readVarString(decoder);
  JSON.parse(state);
  return { client, clock, state };
}

/** @param {Entry[]} entries */
export function writeEntries(entries) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  for (const { client, clock, state } of entries) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, state);
  }
  return encoding.toUint8Array(encoder);
}
