// Starts the app without a bundler: files are imported where they lie. What comes first, page or worker, leads; the address
// says it by `first=worker`.

import { open } from "./node_modules/syncline/dist/index.browser.js";
import { countInstances } from "./src/instances.js";

const query = new URLSearchParams(location.search);
const [server, room] = [query.get("server"), query.get("room")];
const app = { open, instances: countInstances(), worker: { text: "" } };
window.app = app;

async function openHere() {
  app.doc = await open(server, room, { store: true });
  app.body = app.doc.text("body");
}

/** Resolves at the first word of the worker. */
function openInWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  app.endWorker = () => worker.terminate();
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(Object.assign(app.worker, data));
    worker.postMessage({ server, room });
  });
}

try {
  const steps = [openHere, openInWorker];
  if (query.get("first") === "worker") steps.reverse();
  for (const step of steps) await step();
} catch (error) {
  app.failure = { code: error.code, message: error.message };
}
