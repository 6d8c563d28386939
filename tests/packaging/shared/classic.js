// The app as one script that is no module, the way it is built without any option.

import { open } from "syncline";
import { countInstances } from "./instances.js";

const query = new URLSearchParams(location.search);
const app = { instances: countInstances() };

async function start() {
  app.doc = await open(query.get("server"), query.get("room"));
  app.body = app.doc.text("body");
  window.app = app;
}

start().catch((error) => console.error(error));
