// Decides how the tests write and read what travels to and from the serverless example, without any code of the example.

import { randomUUID } from "node:crypto";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";

/** Of a message's bytes, so that the frame around them has less than 32,000. */
const PIECE_BYTES = 20_000;

/** SyncStep1 of a client that has `doc`. */
export const asked = (doc = new Y.Doc()) => message([0, 0], Y.encodeStateVector(doc));
/** SyncStep2. */
export const state = (bytes) => message([0, 1], bytes);
export const update = (bytes) => message([0, 2], bytes);
export const queryPresence = () => new Uint8Array([3]);

/** @param {{ client: number, clock: number, state: unknown }[]} entries */
export function presence(entries) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  for (const entry of entries) {
    encoding.writeVarUint(encoder, entry.client);
    encoding.writeVarUint(encoder, entry.clock);
    encoding.writeVarString(encoder, JSON.stringify(entry.state));
  }
  return message([1], encoding.toUint8Array(encoder));
}

function message(types, payload) {
  const encoder = encoding.createEncoder();
  types.forEach((type) => encoding.writeVarUint(encoder, type));
  encoding.writeVarUint8Array(encoder, payload);
  return encoding.toUint8Array(encoder);
}

/** What a message says, in a form that a test can compare. */
export function wordsOf(bytes) {
  const decoder = decoding.createDecoder(bytes);
  const type = decoding.readVarUint(decoder);
  if (type === 1) return { presence: entriesOf(decoding.readVarUint8Array(decoder)) };
  if (type === 2) return { denied: (decoding.readVarUint(decoder), decoding.readVarString(decoder)) };
  const step = ["asked", "state", "update"][decoding.readVarUint(decoder)];
  const payload = decoding.readVarUint8Array(decoder);
  return step === "asked" ? { asked: Object.fromEntries(Y.decodeStateVector(payload)) } : { [step]: textOf(payload) };
}

/** The text that an update alone makes. */
export function textOf(bytes) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, bytes);
  return doc.getText("body").toString();
}

function entriesOf(bytes) {
  const decoder = decoding.createDecoder(bytes);
  return Array.from({ length: decoding.readVarUint(decoder) }, () => ({
    client: decoding.readVarUint(decoder),
    clock: decoding.readVarUint(decoder),
    state: JSON.parse(decoding.readVarString(decoder)),
  }));
}

/** The frames that carry a message. */
export function framesOf(room, bytes) {
  const frame = (names, piece) => JSON.stringify({ action: "sync", room, ...names, data: Buffer.from(piece).toString("base64") });
  if (bytes.length <= PIECE_BYTES) return [frame({}, bytes)];
  const id = randomUUID();
  const parts = Math.ceil(bytes.length / PIECE_BYTES);
  return Array.from({ length: parts }, (_, part) =>
    frame({ id, part, parts }, bytes.slice(part * PIECE_BYTES, (part + 1) * PIECE_BYTES)),
  );
}

/** Whether a frame has an update, or the first piece of one. */
export function isUpdate(text) {
  const { data, part = 0 } = JSON.parse(text);
  const [type, step] = Buffer.from(data, "base64");
  return part === 0 && type === 0 && step === 2;
}

/** Whether a frame has a presence, or the first piece of one. */
export function isPresence(text) {
  const { data, part = 0 } = JSON.parse(text);
  return part === 0 && Buffer.from(data, "base64")[0] === 1;
}

/** Puts messages together from frames in any order. */
export class Pieces {
  #unfinished = new Map();

  /** The message that is whole with this frame, if one is. */
  add(room, text) {
    const frame = JSON.parse(text);
    if (frame.room !== room || frame.data === undefined) return undefined;
    const bytes = Buffer.from(frame.data, "base64");
    if (frame.id === undefined) return new Uint8Array(bytes);
    const pieces = (this.#unfinished.get(frame.id) ?? new Map()).set(frame.part, bytes);
    this.#unfinished.set(frame.id, pieces);
    if (pieces.size < frame.parts) return undefined;
    this.#unfinished.delete(frame.id);
    return new Uint8Array(Buffer.concat(Array.from({ length: frame.parts }, (_, part) => pieces.get(part))));
  }
}
