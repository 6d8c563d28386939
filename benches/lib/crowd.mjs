// Decides how somebody else takes part in a room of a y-websocket server: a bare socket that says exactly what is measured.

import * as encoding from "lib0/encoding";
import { once } from "node:events";
import { WebSocket } from "ws";

const [SYNC, AWARENESS] = [0, 1];
const [STEP_1, UPDATE] = [0, 2];
const NOTHING_KNOWN = Uint8Array.of(0);

/** Joins `room` and has `work` done by who says things there. */
export async function withStranger(url, room, work) {
  const socket = new WebSocket(`${url}/${room}`);
  try {
    await once(socket, "open");
    return await work({
      update: (bytes) => socket.send(message(SYNC, UPDATE, bytes)),
      presence: (states) => socket.send(message(AWARENESS, states)),
      /** Resolves when the server has taken all that was said so far: it answers in order. */
      async heard() {
        const answered = once(socket, "message");
        socket.send(message(SYNC, STEP_1, NOTHING_KNOWN));
        await answered;
      },
    });
  } finally {
    socket.terminate();
  }
}

function message(...parts) {
  const encoder = encoding.createEncoder();
  const bytes = parts.pop();
  for (const number of parts) encoding.writeVarUint(encoder, number);
  encoding.writeVarUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}
