// Decides where bytes are damaged: within the messages, so that only who reads them can notice, or anywhere in the stream, where
// WebSocket notices some of it. What passes in which direction is damaged is up to the door's `damages`.

import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { damage } from "./damage.mjs";

/** One of so many messages, or chunks of the stream, is damaged. */
const ONE_OF = 12;

/** The doors by where they damage. */
export const DOORS = { message: openMessageDoor, stream: openStreamDoor };

/**
 * What decides whether something is damaged.
 * @typedef {{ isOn: boolean, up: boolean, down: boolean, dice: object, count: number, ways?: string[] }} Damages
 */

/** The bytes, damaged where that is their fate. */
function fate(bytes, direction, damages) {
  if (!damages.isOn || !damages[direction] || damages.dice.below(ONE_OF) > 0) return bytes;
  damages.count += 1;
  return damage(bytes, damages.dice, damages.ways);
}

/** Opens a door in front of a port that reads and writes whole messages; each arrives as one. */
async function openMessageDoor(target, damages) {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (client, request) => {
    const inner = new WebSocket(`ws://127.0.0.1:${target}${request.url}`, { perMessageDeflate: false });
    const early = [];
    const ended = () => [client, inner].forEach((socket) => socket.terminate());
    for (const socket of [client, inner]) socket.on("error", ended).on("close", ended);
    client.on("message", (data, binary) => {
      const send = () => inner.send(fate(data, "up", damages), { binary });
      if (inner.readyState === WebSocket.CONNECTING) early.push(send);
      else send();
    });
    inner.on("open", () => early.forEach((send) => send()));
    inner.on("message", (data, binary) => client.send(fate(data, "down", damages), { binary }));
  });
  return listening(server, () => sockets.clients.forEach((client) => client.terminate()));
}

/** Opens a door in front of a port that carries bytes and knows nothing of them. The handshake is left alone. */
async function openStreamDoor(target, damages) {
  const open = new Set();
  const server = net.createServer((client) => {
    const inner = net.connect(target, "127.0.0.1");
    const both = [client, inner];
    const ended = () => both.forEach((socket) => socket.destroy());
    for (const socket of both) {
      open.add(socket);
      socket.setNoDelay(true).on("error", ended).on("close", () => (ended(), open.delete(socket)));
    }
    carry(client, inner, "up", damages);
    carry(inner, client, "down", damages);
  });
  return listening(server, () => open.forEach((socket) => socket.destroy()));
}

function carry(from, to, direction, damages) {
  let isHandshake = true;
  from.on("data", (bytes) => {
    to.write(isHandshake ? bytes : fate(bytes, direction, damages));
    isHandshake &&= !bytes.includes("\r\n\r\n");
  });
}

async function listening(server, end) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      end();
      await closed;
    },
  };
}
