// Decides which connections are let in ($connect): those whose token is for the room that they ask for.

import { admit } from "./connections.mjs";
import { isRoom } from "./envelope.mjs";
import { checkToken } from "./token.mjs";

const SUBPROTOCOL = "Sec-WebSocket-Protocol";

export async function handler({ requestContext: { connectionId }, queryStringParameters, headers }) {
  const { room, token: inQuery } = queryStringParameters ?? {};
  const offered = subprotocolsOf(headers);
  if (!isRoom(room)) return { statusCode: 400 };
  const verdict = checkToken(inQuery ?? offered.at(-1), room, process.env.TOKEN_SECRET);
  if (verdict.refused) return { statusCode: verdict.refused };
  await admit({ room, id: connectionId, access: verdict.access });
  // A browser that offers subprotocols gives up a connection to a server that chooses none.
  return { statusCode: 200, headers: offered.length > 0 ? { [SUBPROTOCOL]: offered[0] } : undefined };
}

function subprotocolsOf(headers = {}) {
  const name = Object.keys(headers).find((each) => each.toLowerCase() === SUBPROTOCOL.toLowerCase());
  return name
    ? headers[name]
        .split(",")
        .map((protocol) => protocol.trim())
        .filter(Boolean)
    : [];
}
