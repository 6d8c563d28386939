// Decides what happens when a connection has ended ($disconnect). AWS does not promise to say so: one that is found gone
// when something is sent to it ends in the same way.

import { roomOf } from "./connections.mjs";
import { gatewayOf } from "./gateway.mjs";
import { leave } from "./leaving.mjs";

export async function handler(event) {
  const { connectionId } = event.requestContext;
  const room = await roomOf(connectionId);
  if (room !== undefined) await leave(gatewayOf(event), room, connectionId);
  return { statusCode: 200 };
}
