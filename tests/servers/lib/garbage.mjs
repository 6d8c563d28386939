// Decides what a server that has gone mad sends, as the frames of each dialect and as bytes on the socket.

import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";

const TEXT = 1;
const BYTES = 2;
const FINAL = 0x80;
const SYNC_UPDATE = [0, 2];
const SYNC_STEP_2 = [0, 1];

/** Updates that break yrs where nothing stands before it. */
const HOSTILE = JSON.parse(readFileSync(path.join(ROOT, "tests", "hostile", "updates.json"), "utf8"))
  .flatMap(({ updates }) => updates)
  .filter((hex) => hex.length < 2_000)
  .map((hex) => Buffer.from(hex, "hex"));

const CUT_SHORT = Buffer.from([...SYNC_UPDATE, 100, 1, 1]);
const NOISE = Buffer.alloc(64, 0xff);
const UNKNOWN = Buffer.from([77, 1, 2, 3]);
const BAD_PRESENCE = Buffer.from([1, 3, 255, 255, 255]);

/** Messages of the y-websocket protocol that nobody who is sane sends, hostile updates among them. */
export function messages() {
  const some = HOSTILE.filter((_, n) => n % Math.ceil(HOSTILE.length / 12) === 0);
  const hostile = some.flatMap((update) => [SYNC_UPDATE, SYNC_STEP_2].map((kind) => Buffer.from([...kind, ...withLength(update)])));
  return [...hostile, UNKNOWN, BAD_PRESENCE, CUT_SHORT, NOISE];
}

/** Frames of this kind of server that are no messages at all. */
export function frames() {
  return [
    { opcode: TEXT, payload: Buffer.from("welcome!") },
    { opcode: TEXT, payload: Buffer.from('{"action":"sync","room":"?","data":"%%%"}') },
    { opcode: BYTES, payload: Buffer.alloc(0) },
  ];
}

/** Bytes that are no frames: what follows on this socket is lost. */
export const BROKEN_STREAM = Buffer.alloc(32, 0xff);

/** A message that is no garbage: somebody of this name is here. */
export function presence({ client, name }) {
  const state = withLength(Buffer.from(JSON.stringify({ name })));
  return Buffer.concat([Buffer.from([1]), withLength(Buffer.concat([Buffer.from([1]), varUint(client), Buffer.from([1]), state]))]);
}

/** A message as it is, which is how most servers frame it. */
export function bytesFrame(message) {
  return { opcode: BYTES, payload: message };
}

/** A message with the name of its document before it, as Hocuspocus frames it. */
export function addressedFrame(message, room) {
  return { opcode: BYTES, payload: Buffer.concat([withLength(Buffer.from(room)), message]) };
}

/** A message in the JSON envelope of those who carry only text. */
export function textFrame(message, room) {
  const envelope = { action: "sync", room, data: Buffer.from(message).toString("base64") };
  return { opcode: TEXT, payload: Buffer.from(JSON.stringify(envelope)) };
}

/** A frame as a server writes it to its socket. */
export function onTheWire({ opcode, payload }) {
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([FINAL | opcode, ...length]), payload]);
}

/** With its length before it. */
function withLength(bytes) {
  return Buffer.concat([varUint(bytes.length), bytes]);
}

function varUint(number) {
  const bytes = [];
  let rest = number;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}
