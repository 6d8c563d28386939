// Decides how the real y-websocket server is run as a child process: started, known to listen, and ended.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { Problem } from "./problem.mjs";
import { ROOT } from "./run.mjs";

const SERVER = path.join(ROOT, "node_modules", "@y", "websocket-server", "src", "server.js");
const REMEMBERED_LINES = 40;

/**
 * Starts the server and resolves as soon as it listens.
 * @param {{ port: number, dataDir?: string }} where without `dataDir` documents are kept in memory
 * @returns {Promise<YServer>}
 */
export async function startYServer({ port, dataDir }) {
  if (dataDir) mkdirSync(dataDir, { recursive: true });
  const env = { ...process.env, HOST: "127.0.0.1", PORT: String(port) };
  if (dataDir) env.YPERSISTENCE = dataDir;
  else delete env.YPERSISTENCE;
  const child = spawn(process.execPath, [SERVER], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
  const server = new YServer(child, port);
  await server.listening;
  return server;
}

/** A running server. */
export class YServer {
  #child;
  #lines = [];

  constructor(child, port) {
    this.#child = child;
    this.port = port;
    this.url = `ws://127.0.0.1:${port}`;
    /** Resolves with `{ code, signal }` when the process has ended, for whatever reason. */
    this.ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
    this.listening = this.#untilListening();
  }

  get pid() {
    return this.#child.pid;
  }

  /** The last lines that the server printed. */
  get output() {
    return this.#lines.join("\n");
  }

  /** After the server ended by itself: what the reader can do about it, where that is known. */
  knownProblem() {
    if (this.output.includes("EADDRINUSE")) {
      return new Problem(`Port ${this.port}, meant for the y-websocket server, was taken by another program: start again.`);
    }
    // The server opens its database only after it listens, so this may come at any time after the start.
    if (/IO error: lock|LOCK: /.test(this.output)) {
      return new Problem(
        "The documents are in use by another y-websocket server: end the other `npm start`, or keep them elsewhere with `npm start -- --data FOLDER`.",
      );
    }
    return undefined;
  }

  /** Ends the server by `signal` and resolves when it is gone. */
  async stop(signal = "SIGTERM") {
    this.#child.kill(signal);
    await this.ended;
  }

  #untilListening() {
    return new Promise((resolve, reject) => {
      const read = (line) => {
        this.#lines.push(line);
        if (this.#lines.length > REMEMBERED_LINES) this.#lines.shift();
        if (line.startsWith("running at ")) resolve();
      };
      for (const stream of [this.#child.stdout, this.#child.stderr]) createInterface({ input: stream }).on("line", read);
      this.ended.then(() => {
        const unknown = () => new Problem("The y-websocket server could not be started.", { output: this.output });
        reject(this.knownProblem() ?? unknown());
      }, reject);
    });
  }
}
