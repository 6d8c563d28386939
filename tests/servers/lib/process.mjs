// Decides how a test runs a server as a process of its own: on one port for its whole life, killed and started again as
// often as the test likes, with a folder for what it keeps.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../../../scripts/lib/ports.mjs";
import { ROOT } from "../../../scripts/lib/run.mjs";

const REMEMBERED_LINES = 40;

/**
 * @typedef {object} Program how a server is started
 * @property {(where: { port: number, folder: string }) => { command: string, args: string[], env?: object }} start
 * @property {RegExp} listening what it prints once it listens
 */

/**
 * Starts a server, and resolves as soon as it listens.
 * @param {Program} program
 */
export async function startProcess(program) {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-server-"));
  const server = new ServerProcess(program, { port: await freePort(), folder });
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class ServerProcess {
  #program;
  #child;
  #lines = [];

  constructor(program, { port, folder }) {
    this.#program = program;
    this.port = port;
    this.folder = folder;
  }

  async start() {
    const { command, args, env } = this.#program.start(this);
    const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("close", () => process.off("exit", kill));
    await this.#untilListening(child);
  }

  /** Ends the server as a crash does: at once, with nothing flushed. */
  async kill() {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const closed = child.exitCode === null && child.signalCode === null && once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }

  /** Ends the server for good and deletes what it kept. */
  async close() {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  #untilListening(child) {
    return new Promise((resolve, reject) => {
      const read = (line) => {
        this.#lines.push(line);
        if (this.#lines.length > REMEMBERED_LINES) this.#lines.shift();
        if (this.#program.listening.test(line)) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", read);
      child.once("error", reject);
      child.once("close", (code, signal) =>
        reject(new Error(`the server ended (${signal ?? `exit code ${code}`}):\n${this.#lines.join("\n")}`)),
      );
    });
  }
}
