// The app that every project builds: a document by the main entry, a Y.Doc by the bridge, and the document in a worker.

import { open } from "syncline";
import { WebsocketProvider } from "syncline/yjs";
import * as Y from "yjs";
import { countInstances } from "./instances.js";

/** Opens everything in `room` of `server`; the page's tests find it as `window.app`. */
export async function startApp(server, room) {
  const instances = countInstances();
  const doc = await open(server, room, { store: true });
  const ydoc = new Y.Doc();
  const provider = new WebsocketProvider(server, `${room}-yjs`, ydoc);
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const app = { doc, body: doc.text("body"), ydoc, provider, instances, worker: { text: "" } };
  worker.onmessage = ({ data }) => Object.assign(app.worker, data);
  worker.onerror = ({ message }) => (app.worker.error = message ?? "it did not start");
  worker.postMessage({ server, room });
  window.app = app;
}
