// Decides what is done with a frame from a client (sync and $default): whose it is, and when a message is whole.

import { memberOf } from "./connections.mjs";
import { answer } from "./dialogue.mjs";
import { readFrame } from "./envelope.mjs";
import { gatewayOf } from "./gateway.mjs";
import { MAX_PARTS } from "./limits.mjs";
import { deniedMessage, readMessage } from "./messages.mjs";
import { collect } from "./pieces.mjs";

const DONE = { statusCode: 200 };

export async function handler(event) {
  const { connectionId } = event.requestContext;
  const gateway = gatewayOf(event);
  try {
    await take(gateway, connectionId, readFrame(event.body));
    return DONE;
  } catch (error) {
    // The client believes that we have what it sent. It comes back, and shows what we lack.
    console.error("a message was not dealt with, so its connection is closed:", error);
    await gateway.close(connectionId);
    return { statusCode: 500 };
  }
}

async function take(gateway, connectionId, frame) {
  if (frame === undefined) return;
  const member = await memberOf(frame.room, connectionId);
  // It asks for a room that it was not let into, or it was found gone too early: then it comes back.
  if (member === undefined) return gateway.close(connectionId);
  if (frame.tooLarge)
    return gateway.send(member.room, [connectionId], deniedMessage(`a message may have ${MAX_PARTS} pieces at most`));
  const bytes = frame.message ?? (await collect(connectionId, frame.piece));
  const message = bytes && readMessage(bytes);
  if (message) await answer(gateway, member, message);
}
