// Decides which server each library is connected to: the one that comes with it, in memory, as a process of its own.

import path from "node:path";
import { freePort } from "../../scripts/lib/ports.mjs";
import { startYServer } from "../../scripts/lib/y-server.mjs";
import { startProcess } from "../../tests/servers/lib/process.mjs";
import { PEERS } from "./libraries.mjs";

const STARTS = {
  syncline: startYjsServer,
  yjs: startYjsServer,
  ywasm: startYjsServer,
  loro: () => startPeerServer("loro"),
  automerge: () => startPeerServer("automerge"),
};

/** Starts a server for `library`; those that speak y-websocket's protocol get one of the same kind. */
export async function startServerFor(library) {
  return STARTS[library]();
}

async function startYjsServer() {
  const server = await startYServer({ port: await freePort() });
  return { url: server.url, close: () => server.stop("SIGKILL") };
}

async function startPeerServer(name) {
  // It lies with the peers, so that Node finds what it imports there.
  const file = path.join(PEERS, "servers", `${name}.mjs`);
  const start = ({ port }) => ({ command: process.execPath, args: [file], env: { PORT: String(port) } });
  const server = await startProcess({ start, listening: /^listening$/ });
  return { url: `ws://127.0.0.1:${server.port}`, close: () => server.close() };
}
