// Decides how the real client of others takes part in a test: `yjs` with `y-websocket` 3.1.0, in Node.

import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { events, until } from "./until.mjs";

/** Joins `room` and resolves when the first sync is done, unless `synced` is false. */
export async function joinWithYjs(server, room, { synced = true, token } = {}) {
  const doc = new Y.Doc();
  // No BroadcastChannel: clients of one process must meet on the server.
  const options = { WebSocketPolyfill: WebSocket, disableBc: true, maxBackoffTime: 500, params: token === undefined ? {} : { token } };
  const provider = new WebsocketProvider(server, room, doc, options);
  const client = {
    doc,
    provider,
    body: doc.getText("body"),
    meta: doc.getMap("meta"),
    todos: doc.getArray("todos"),
    /** Reports everything that may change what a test asks about this client. */
    news: (listener) => {
      const stops = [events(doc, "update")(listener), events(provider, "sync", "status")(listener)];
      return () => stops.forEach((stop) => stop());
    },
    /** Resolves when its text is `text`. */
    shows: (text) => until(() => client.body.toString() === text, { sources: [client.news], state: () => client.body.toString() }),
    close: () => {
      provider.destroy();
      doc.destroy();
    },
  };
  try {
    if (synced) await until(() => provider.synced, { sources: [client.news] });
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}
