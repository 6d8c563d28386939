// Decides how the messages of y-websocket are read and written.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

const SYNC = 0;
const PRESENCE = 1;
const AUTH = 2;
const QUERY_PRESENCE = 3;
const [ASK, STATE, UPDATE] = [0, 1, 2];
const DENIED = 0;

/**
 * Reads a message; nothing where it is cut short or of a kind that a client does not send.
 * @param {Uint8Array} bytes
 * @returns {{ kind: "ask" | "state" | "update" | "presence", bytes: Uint8Array } | { kind: "query-presence" } | undefined}
 */
export function readMessage(bytes) {
  try {
    const decoder = decoding.createDecoder(bytes);
    const type = decoding.readVarUint(decoder);
    if (type === QUERY_PRESENCE) return { kind: "query-presence" };
    const kind =
      type === PRESENCE ? "presence" : type === SYNC ? ["ask", "state", "update"][decoding.readVarUint(decoder)] : undefined;
    // A copy, so that a reader of the payload cannot look beyond it.
    return kind && { kind, bytes: decoding.readVarUint8Array(decoder).slice() };
  } catch {
    return undefined;
  }
}

/** SyncStep1: asks for what a replica with this state vector lacks. */
export const askMessage = (vector) => written(SYNC, ASK, vector);
/** SyncStep2: what the asker lacks. */
export const stateMessage = (update) => written(SYNC, STATE, update);
export const updateMessage = (update) => written(SYNC, UPDATE, update);
export const presenceMessage = (entries) => written(PRESENCE, undefined, entries);

/** Says that access is denied; the client stops with this reason. */
export function deniedMessage(reason) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, AUTH);
  encoding.writeVarUint(encoder, DENIED);
  encoding.writeVarString(encoder, reason);
  return encoding.toUint8Array(encoder);
}

function written(type, step, payload) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  if (step !== undefined) encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}
