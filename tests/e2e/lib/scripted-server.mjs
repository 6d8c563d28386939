// Decides what a badly behaved server does: each connection follows a script, or is served as the real server serves it.

import { docs, setupWSConnection } from "@y/websocket-server/utils";
import { EventEmitter, once } from "node:events";
import { WebSocketServer } from "ws";

const OWN_FRAME_LIMIT = 512 * 1024 * 1024;

/**
 * Starts a server whose first connections are handled by `scripts`, one each; all later ones by the connection handler
 * of the real y-websocket server, in memory.
 *
 * It emits "frame" with each frame `{ connection, data, binary }` that a client sends, and "left" with `{ code, reason }`
 * when a client is gone.
 * @param {((socket: import("ws").WebSocket, serveWell: () => void) => void)[]} [scripts] `serveWell` serves this
 *   connection as the real server does, in addition to what the script does
 */
export async function startScriptedServer(scripts = []) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, maxPayload: OWN_FRAME_LIMIT });
  await once(server, "listening");
  const news = new EventEmitter();
  const frames = [];
  const departures = [];
  const rooms = new Set();
  let connections = 0;

  server.on("connection", (socket, request) => {
    const connection = connections++;
    socket.on("message", (data, binary) => {
      const frame = { connection, data: Buffer.from(data), binary };
      frames.push(frame);
      news.emit("frame", frame);
    });
    socket.on("close", (code, reason) => {
      const departure = { connection, code, reason: String(reason) };
      departures.push(departure);
      news.emit("left", departure);
    });
    socket.on("error", () => {});
    const serveWell = () => serve(socket, request);
    if (connection < scripts.length) scripts[connection](socket, serveWell);
    else serveWell();
  });

  function serve(socket, request) {
    const docName = new URL(request.url, "ws://localhost").pathname.slice(1);
    rooms.add(docName);
    setupWSConnection(socket, request, { docName });
  }

  return Object.assign(news, {
    url: `ws://127.0.0.1:${server.address().port}`,
    frames,
    departures,
    sockets: server.clients,
    connectionCount: () => connections,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
      // The real server keeps documents, each with a timer, for as long as its process lives.
      for (const room of rooms) {
        docs.get(room)?.destroy();
        docs.delete(room);
      }
    },
  });
}
