// Decides how yjs with y-websocket takes part in the measurement, with its defaults.

import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { countFrames, offer } from "./shared.js";

window.join = async (server, room) => {
  const sent = countFrames();
  const doc = new Y.Doc();
  // Two pages of one browser would otherwise meet on a BroadcastChannel instead of on the server.
  const provider = new WebsocketProvider(server, room, doc, { disableBc: true });
  await new Promise((resolve) => provider.once("sync", resolve));
  const text = doc.getText("body");
  const onRemote = (listener) => text.observe((_, transaction) => !transaction.local && listener());
  offer({ insert: (index, string) => text.insert(index, string), length: () => text.length, onRemote }, sent);
};
