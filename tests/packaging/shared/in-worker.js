// What the workers of all projects do: open the document that they are told, add a word, and tell whatever they see.

import { countInstances } from "./instances.js";

/** Opens the document with `open` at the first message. */
export function runInWorker(open) {
  const instances = countInstances();
  const begin = async ({ data: { server, room } }) => {
    const doc = await open(server, room, { store: true });
    const body = doc.text("body");
    const tell = () => {
      const { phase, unsynced, unstored, tab } = doc.status;
      postMessage({ text: body.toString(), phase, unsynced, unstored, tab, instances: instances() });
    };
    body.observe(tell);
    doc.on("status", tell);
    body.insert(0, "worker ");
    tell();
  };
  const fail = (error) => postMessage({ error: `${error.code}: ${error.message}` });
  addEventListener("message", (event) => void begin(event).catch(fail), { once: true });
}
