// Decides which clients are tortured, what they are called, what each is made of, and what it speaks.

import path from "node:path";
import { readFileSync } from "node:fs";
import { ROOT } from "../../../scripts/lib/run.mjs";

/** Where the peers are installed, apart from the workspace and from the package. */
export const PEERS = path.join(ROOT, "tests", "torture", "peers");

/**
 * The clients in the order of the columns. `server` is the one in `peers/servers/` that each is connected to; `holds` is
 * what an edit is made in.
 * @type {Record<string, { title: string, package: string, server: string, holds: "document" | "nothing" }>}
 */
export const CLIENTS = {
  syncline: { title: "Syncline", package: "syncline", server: "y-websocket", holds: "document" },
  "y-websocket": { title: "y-websocket", package: "y-websocket", server: "y-websocket", holds: "document" },
  hocuspocus: { title: "Hocuspocus", package: "@hocuspocus/provider", server: "hocuspocus", holds: "document" },
  "y-sweet": { title: "y-sweet", package: "@y-sweet/client", server: "y-websocket", holds: "document" },
  partysocket: { title: "partysocket", package: "partysocket", server: "plain", holds: "nothing" },
  loro: { title: "Loro", package: "loro-websocket", server: "loro", holds: "document" },
  automerge: { title: "automerge-repo", package: "@automerge/automerge-repo-network-websocket", server: "automerge", holds: "document" },
};

/** The version of a client that is installed, or built here. */
export function versionOf(name) {
  const folder = name === "syncline" ? path.join(ROOT, "pkg") : path.join(PEERS, "node_modules", CLIENTS[name].package);
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")).version;
}
