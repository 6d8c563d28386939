// Decides how a message travels in text frames: base64 in JSON, in pieces where one frame does not hold it.

import { randomUUID } from "node:crypto";
import { MAX_FRAME_BYTES, MAX_ID_LENGTH, MAX_PARTS, MAX_ROOM_BYTES } from "./limits.mjs";

/**
 * @typedef {object} Piece
 * @property {string} id of the message, unique over all senders
 * @property {number} part
 * @property {number} parts
 * @property {Uint8Array} bytes
 */

/**
 * Reads a frame; nothing where it is none of ours.
 * @param {unknown} text
 * @returns {{ room: string } & ({ message: Uint8Array } | { piece: Piece } | { tooLarge: true }) | undefined}
 */
export function readFrame(text) {
  const { room, data, id, part, parts } = parsed(text);
  const bytes = fromBase64(data);
  if (!isRoom(room) || bytes === undefined) return undefined;
  if (id === undefined) return { room, message: bytes };
  const isPiece = typeof id === "string" && id.length > 0 && id.length <= MAX_ID_LENGTH;
  if (!isPiece || !Number.isSafeInteger(parts) || !Number.isSafeInteger(part) || part < 0 || part >= parts) return undefined;
  if (parts > MAX_PARTS) return { room, tooLarge: true };
  return { room, piece: { id, part, parts, bytes } };
}

/** Whether a room can have this name. */
export function isRoom(room) {
  return typeof room === "string" && room.length > 0 && Buffer.byteLength(room) <= MAX_ROOM_BYTES && room.isWellFormed();
}

/**
 * The frames that carry `message`, each of at most {@link MAX_FRAME_BYTES}.
 * @param {string} room
 * @param {Uint8Array} message
 * @returns {string[]}
 */
export function writeFrames(room, message) {
  const whole = frame({ room }, message);
  if (whole.length <= MAX_FRAME_BYTES && Buffer.byteLength(whole) <= MAX_FRAME_BYTES) return [whole];
  const id = randomUUID();
  const overhead = Buffer.byteLength(
    frame({ room, id, part: Number.MAX_SAFE_INTEGER, parts: Number.MAX_SAFE_INTEGER }, new Uint8Array()),
  );
  const size = Math.floor((MAX_FRAME_BYTES - overhead) / 4) * 3;
  const parts = Math.ceil(message.length / size);
  return Array.from({ length: parts }, (_, part) =>
    frame({ room, id, part, parts }, message.subarray(part * size, (part + 1) * size)),
  );
}

function frame(names, bytes) {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return JSON.stringify({ action: "sync", ...names, data });
}

function parsed(text) {
  try {
    return (typeof text === "string" && JSON.parse(text)) || {};
  } catch {
    return {};
  }
}

/** Strict: with padding, and nothing that base64 does not have. */
function fromBase64(data) {
  if (typeof data !== "string") return undefined;
  const bytes = Buffer.from(data, "base64");
  // A copy, because a small Buffer is a window on memory that others use too, and readers look as far as memory goes.
  return bytes.toString("base64") === data ? new Uint8Array(bytes) : undefined;
}
