// Decides how Yjs takes part where there is a server: with y-websocket and its defaults.

import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { replica } from "../yjs.js";

/** Resolves when the document is in step with the server. */
export async function connect(url, room) {
  const doc = new Y.Doc();
  // Two pages of one browser would otherwise meet on a BroadcastChannel instead of on the server.
  const provider = new WebsocketProvider(url, room, doc, { disableBc: true });
  if (!provider.synced) await new Promise((resolve) => provider.once("sync", resolve));
  const text = doc.getText("body");
  return {
    ...replica(doc),
    room,
    onRemote: (listener) => text.observe((_, { local }) => !local && listener(text.length)),
    show: (state) => provider.awareness.setLocalState(state),
    onPresence: (listener) => provider.awareness.on("change", ({ added, updated }) => listener(added.length + updated.length)),
    close: () => {
      provider.destroy();
      doc.destroy();
    },
  };
}
