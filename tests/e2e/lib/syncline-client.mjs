// Decides how Syncline itself takes part in a test without a browser: the built package in Node, with `ws` as its WebSocket.

import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { WebSocket } from "ws";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { until } from "./until.mjs";

/** The module that `import "syncline"`, or another entry of the package, gives in Node, found as Node finds it. */
export async function loadSyncline(name = ".") {
  const folder = path.join(ROOT, "pkg");
  const { exports } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const entry = resolve(exports[name]);
  return import(pathToFileURL(path.join(folder, entry)));
}

/** Opens `room` and resolves when it is synced, unless `synced` is false. */
export async function joinWithSyncline(server, room, { synced = true, ...options } = {}) {
  const { open } = await loadSyncline();
  const doc = await open(server, room, { WebSocket, ...options });
  const client = {
    doc,
    body: doc.text("body"),
    meta: doc.map("meta"),
    todos: doc.list("todos"),
    /** Reports everything that may change what a test asks about this client. */
    news: (listener) => {
      const { body, meta, todos } = client;
      const stops = [doc.on("status", listener), ...[body, meta, todos].map((shared) => shared.observe(listener))];
      return () => stops.forEach((stop) => stop());
    },
    /** Resolves when the status is as `condition` says, with that status. */
    status: (condition, deadline) =>
      until(() => condition(doc.status) && doc.status, {
        sources: [(listener) => doc.on("status", listener)],
        state: () => doc.status,
        deadline,
      }),
    close: () => doc.close(),
  };
  if (synced) await client.status(({ phase }) => phase === "synced");
  return client;
}

/** The first of Node's conditions that an entry of `exports` has. */
function resolve(entry) {
  if (typeof entry === "string") return entry;
  const condition = Object.keys(entry).find((name) => ["node", "import", "default"].includes(name));
  return resolve(entry[condition]);
}
