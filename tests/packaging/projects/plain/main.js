// Starts the app without a bundler: files are imported where they lie.

import { open } from "./node_modules/syncline/dist/index.browser.js";
import { countInstances } from "./src/instances.js";

const query = new URLSearchParams(location.search);
const [server, room] = [query.get("server"), query.get("room")];
const app = { open, instances: countInstances(), worker: { text: "" } };
window.app = app;
try {
  app.doc = await open(server, room, { store: true });
  app.body = app.doc.text("body");
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => Object.assign(app.worker, data);
  worker.postMessage({ server, room });
} catch (error) {
  app.failure = { code: error.code, message: error.message };
}
