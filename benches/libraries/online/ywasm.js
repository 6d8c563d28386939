// Decides how ywasm takes part where there is a server. It has no provider: this is the least that speaks y-websocket's protocol.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "ywasm";
import { replica } from "../ywasm.js";

const SYNC = 0;
const [STEP_1, STEP_2, UPDATE] = [0, 1, 2];

/** Resolves when the document is in step with the server. */
export async function connect(url, room) {
  const doc = new Y.YDoc({});
  const socket = new WebSocket(`${url}/${room}`);
  socket.binaryType = "arraybuffer";
  const send = (kind, bytes) => socket.send(message(kind, bytes));
  const listeners = [];
  const shared = replica(doc);
  let isReceiving = false;
  shared.onUpdate((update) => isReceiving || send(UPDATE, update));
  await new Promise((resolve) => {
    socket.onopen = () => send(STEP_1, Y.encodeStateVector(doc));
    socket.onmessage = ({ data }) => {
      const decoder = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarUint(decoder) !== SYNC) return;
      const kind = decoding.readVarUint(decoder);
      const bytes = decoding.readVarUint8Array(decoder);
      if (kind === STEP_1) return send(STEP_2, Y.encodeStateAsUpdate(doc, bytes));
      isReceiving = true;
      shared.apply(bytes);
      isReceiving = false;
      if (kind === STEP_2) return resolve();
      listeners.forEach((listener) => listener(shared.length()));
    };
  });
  // Told once the update is applied; ywasm's own observer does not say whose change it was.
  return { ...shared, room, onRemote: (listener) => listeners.push(listener), close: () => socket.close() };
}

function message(kind, bytes) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, SYNC);
  encoding.writeVarUint(encoder, kind);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}
