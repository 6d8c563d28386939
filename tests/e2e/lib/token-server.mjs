// Decides what a server does that wants tokens: a handshake without the right one gets 401, as with y-sweet, or is closed after it.

import { docs, setupWSConnection } from "@y/websocket-server/utils";
import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

/**
 * Starts a server that serves as the real y-websocket server does those who show the token `server.accepted`.
 * @param {{ refusal?: number }} [how] the close code that others get after the handshake; without one, they get 401 in it
 */
export async function startTokenServer({ refusal } = {}) {
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => offered.values().next().value });
  const server = { accepted: "good", seen: [] };
  http.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url, "ws://localhost");
    const offered = request.headers["sec-websocket-protocol"]?.split(/,\s*/) ?? [];
    const token = url.searchParams.get("token") ?? offered.at(-1) ?? "";
    server.seen.push(token);
    const isGood = token === server.accepted;
    if (!isGood && refusal === undefined) return socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    sockets.handleUpgrade(request, socket, head, (opened) => {
      if (!isGood) return opened.close(refusal, `not with ${token}`);
      setupWSConnection(opened, request, { docName: url.pathname.slice(1) });
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return Object.assign(server, {
    url: `ws://127.0.0.1:${http.address().port}`,
    /** Ends all connections, as a restart does. */
    dropAll: () => sockets.clients.forEach((socket) => socket.terminate()),
    close: async () => {
      server.dropAll();
      http.closeAllConnections();
      http.close();
      await once(http, "close");
      for (const [name, doc] of docs) {
        doc.destroy();
        docs.delete(name);
      }
    },
  });
}
