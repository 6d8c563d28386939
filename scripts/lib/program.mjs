// Decides how a program that keeps running is run as a child process: started, known to be ready, and ended.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { Problem } from "./problem.mjs";
import { ROOT } from "./run.mjs";

const REMEMBERED_LINES = 60;

/**
 * Starts a program and resolves when it prints a line that `ready` finds. It does not outlive this process.
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.command
 * @param {string[]} options.args
 * @param {RegExp} options.ready
 * @param {string} [options.cwd]
 * @param {Record<string, string>} [options.env]
 * @param {number} [options.deadlineMs] how long it may take until then; it is ended after that
 * @returns {Promise<Program>}
 */
export async function startProgram({ name, command, args, ready, cwd = ROOT, env = {}, deadlineMs }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
  const program = new Program(name, child);
  const timer = deadlineMs && setTimeout(kill, deadlineMs);
  await program.untilReady(ready).finally(() => clearTimeout(timer));
  return program;
}

/** A running program. */
export class Program {
  #child;
  #lines = [];
  #listeners = new Set();

  constructor(name, child) {
    this.name = name;
    this.#child = child;
    /** Resolves with `{ code, signal }` when the process has ended, for whatever reason. */
    this.ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", (line) => this.#read(line));
  }

  get pid() {
    return this.#child.pid;
  }

  /** The last lines that it printed. */
  get output() {
    return this.#lines.join("\n");
  }

  /** Calls the listener with every line that is printed; returns what ends that. */
  onLine(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  untilReady(ready) {
    return new Promise((resolve, reject) => {
      const stop = this.onLine((line) => ready.test(line) && (stop(), resolve()));
      this.ended.then(() => reject(new Problem(`${this.name} could not be started.`, { output: this.output })), reject);
    });
  }

  /** Ends it by `signal` and resolves when it is gone. */
  async stop(signal = "SIGTERM") {
    this.#child.kill(signal);
    await this.ended;
  }

  /** Without colours: some programs print them to a pipe too, where `CI` or `FORCE_COLOR` is set. */
  #read(coloured) {
    const line = stripVTControlCharacters(coloured);
    this.#lines.push(line);
    if (this.#lines.length > REMEMBERED_LINES) this.#lines.shift();
    for (const listener of this.#listeners) listener(line);
  }
}
