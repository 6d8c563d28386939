// Decides what follows when a connection is gone: it is no longer in its room, and the others learn who left with it.

import { writeEntries } from "./awareness.mjs";
import { dismiss } from "./connections.mjs";
import { presenceMessage } from "./messages.mjs";
import { withdraw } from "./presence.mjs";

/**
 * @param {{ relay: (room: string, message: Uint8Array) => Promise<void> }} gateway
 * @param {string} room
 * @param {string} id
 */
export async function leave(gateway, room, id) {
  // First of all, so that nobody who is told of it finds it gone and tells of it again.
  await dismiss(room, id);
  const left = await withdraw(room, id);
  if (left.length > 0) await gateway.relay(room, presenceMessage(writeEntries(left)));
}
