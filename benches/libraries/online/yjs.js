// Decides how Yjs takes part where there is a server: with y-websocket and its defaults.

import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { replica } from "../yjs.js";

/** Resolves when the document is in step with the server. */
export async function connect(url, room, options, listener) {
  const doc = new Y.Doc();
  if (listener) doc.getText("body").observe(listener);
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

/** Has this device keep a document that is `update`, in the plainest way. */
export async function keep(_url, room, update) {
  const store = await opened();
  await settled(store.transaction("updates", "readwrite").objectStore("updates").put(update, room));
  store.close();
}

/** Opens what {@link keep} has kept. */
export async function reopen(_url, room) {
  const store = await opened();
  const doc = new Y.Doc();
  Y.applyUpdate(doc, await settled(store.transaction("updates").objectStore("updates").get(room)));
  store.close();
  return replica(doc);
}

function opened() {
  const request = indexedDB.open("yjs-bench");
  request.onupgradeneeded = () => request.result.createObjectStore("updates");
  return settled(request);
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
