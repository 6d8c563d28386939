// Decides how messages reach connections, and what happens with one that does not get them.

import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { connectionsOf } from "./connections.mjs";
import { writeFrames } from "./envelope.mjs";
import { leave } from "./leaving.mjs";

const AT_ONCE = 25;
const GONE = 410;

/** One for each endpoint: the emulator has one, AWS one for each API and stage. */
const clients = new Map();

/** The way to the connections of the API that `event` came from. */
export function gatewayOf({ requestContext: { domainName, stage } }) {
  const endpoint = process.env.MANAGEMENT_ENDPOINT ?? `https://${domainName}/${stage}`;
  if (!clients.has(endpoint)) clients.set(endpoint, new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 5 }));
  return new Gateway(clients.get(endpoint));
}

class Gateway {
  #client;

  constructor(client) {
    this.#client = client;
  }

  /** Sends a message to everybody in a room, including the one it came from: that is how it learns that it is stored. */
  async relay(room, message) {
    await this.send(room, await connectionsOf(room), message);
  }

  /** Sends a message to some connections of a room; those that are gone leave it. */
  async send(room, ids, message) {
    const frames = writeFrames(room, message).map((frame) => Buffer.from(frame));
    const missed = [];
    const waiting = [...ids];
    const carry = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (!(await this.#reached(id, frames))) missed.push(id);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, carry));
    for (const id of missed) await leave(this, room, id);
  }

  /** Ends a connection; its client comes back by itself. */
  async close(id) {
    await this.#client.send(new DeleteConnectionCommand({ ConnectionId: id })).catch((error) => {
      if (!isGone(error)) console.error(`connection ${id} could not be closed: ${error.name}`);
    });
  }

  async #reached(id, frames) {
    try {
      for (const frame of frames) await this.#client.send(new PostToConnectionCommand({ ConnectionId: id, Data: frame }));
      return true;
    } catch (error) {
      // One that missed a message must not go on as if it had not: it comes back, and asks for what it lacks.
      if (!isGone(error)) await this.close(id);
      return false;
    }
  }
}

/** The emulator gives the status without the name. */
function isGone(error) {
  return error.name === "GoneException" || error.$metadata?.httpStatusCode === GONE;
}
