// Decides how a test gets a real Hocuspocus server: in this process, in memory, on a free port of loopback.

import { Server } from "@hocuspocus/server";
import { once } from "node:events";
import { until } from "./until.mjs";

/**
 * Starts a server on which the token "reader" may only read, and "bad" may nothing.
 * @param {object} [hooks] further hooks of the server
 */
export async function startHocuspocus(hooks = {}) {
  const server = new Server({
    address: "127.0.0.1",
    port: 0,
    quiet: true,
    stopOnSignals: false,
    async onAuthenticate({ token, connectionConfig }) {
      // Hocuspocus prints the message of an error, so there is none.
      if (token === "bad") throw Object.assign(new Error(), { reason: "no such token" });
      connectionConfig.readOnly = token === "reader";
    },
    ...hooks,
  });
  await server.listen();
  const { port } = server.httpServer.address();
  const sockets = new Set();
  const changes = new EventTarget();
  server.httpServer.on("upgrade", (_, socket) => {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      changes.dispatchEvent(new Event("change"));
    });
  });
  return {
    url: `ws://127.0.0.1:${port}`,
    /** The document as the server has it. */
    textOf: (name) => server.hocuspocus.documents.get(name)?.getText("body").toString(),
    /** How many sockets are open. */
    sockets: () => sockets.size,
    /** Resolves when so many sockets are open. */
    untilSockets: (count) =>
      until(() => sockets.size === count, {
        sources: [
          (listener) => {
            changes.addEventListener("change", listener);
            return () => changes.removeEventListener("change", listener);
          },
        ],
      }),
    /** Drops every document's connections, as a hook that fails does; sockets stay open. */
    dismissAll: () => server.hocuspocus.closeConnections(),
    close: async () => {
      const closed = once(server.httpServer, "close");
      await server.destroy();
      await closed.catch(() => {});
    },
  };
}
