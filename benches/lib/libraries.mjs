// Decides which libraries are measured, what they are called, and which packages each is made of.

import { readFileSync } from "node:fs";
import path from "node:path";
import { ensureNpmPackages } from "../../scripts/lib/npm-packages.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";

/** Where the peers are installed, apart from the workspace and from the package. */
export const PEERS = path.join(ROOT, "benches", "peers");

/**
 * The libraries in the order of the tables. `wasm` is the file that the page fetches.
 * @type {Record<string, { title: string, packages: string[], wasm?: string }>}
 */
export const LIBRARIES = {
  syncline: { title: "Syncline", packages: ["syncline"], wasm: path.join(ROOT, "pkg", "dist", "syncline_bg.wasm") },
  yjs: { title: "yjs", packages: ["yjs", "y-websocket"] },
  ywasm: { title: "ywasm", packages: ["ywasm"], wasm: peer("ywasm", "ywasm_bg.wasm") },
  loro: {
    title: "Loro",
    packages: ["loro-crdt", "loro-websocket"],
    wasm: peer("loro-crdt", "web", "loro_wasm_bg.wasm"),
  },
  automerge: {
    title: "Automerge",
    packages: ["@automerge/automerge", "@automerge/automerge-repo", "@automerge/automerge-repo-network-websocket"],
    wasm: peer("@automerge", "automerge", "dist", "automerge.wasm"),
  },
};

/** What all are compared with. */
export const BASE = "yjs";

/** Installs the peers where they are missing. */
export const ensurePeers = ({ log }) => ensureNpmPackages({ log, folder: PEERS });

/** The version of a package of the workspace, of the peers, or of ours. */
export function versionOf(name) {
  const folders = [path.join(PEERS, "node_modules", name), path.join(ROOT, "node_modules", name)];
  const candidates = name === "syncline" ? [path.join(ROOT, "pkg")] : folders;
  for (const folder of candidates) {
    try {
      return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")).version;
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  throw new Error(`${name} is not installed`);
}

function peer(...parts) {
  return path.join(PEERS, "node_modules", ...parts);
}
