// Decides how a test gets the real y-websocket server: on one port for its whole life, with its own folder of documents.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "../../../scripts/lib/ports.mjs";
import { startYServer } from "../../../scripts/lib/y-server.mjs";

/** Starts a server that can be killed and started again, on the same port with the same documents. */
export async function startServer() {
  const server = new RestartableServer(await freePort(), await mkdtemp(path.join(tmpdir(), "syncline-y-")));
  await server.start();
  return server;
}

class RestartableServer {
  #running;

  constructor(port, dataDir) {
    this.port = port;
    this.url = `ws://127.0.0.1:${port}`;
    this.dataDir = dataDir;
  }

  async start() {
    this.#running = await startYServer({ port: this.port, dataDir: this.dataDir });
  }

  /** Ends the server as a crash does: at once, with nothing flushed. */
  async kill() {
    await this.#running.stop("SIGKILL");
  }

  async restart() {
    await this.kill();
    await this.start();
  }

  /** Ends the server for good and deletes its documents. */
  async close() {
    await this.kill();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
