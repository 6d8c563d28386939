// Decides how a server or a client runs beside this process: started, asked, and ended for certain.

import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { PEERS } from "./clients.mjs";

const START_DEADLINE_MS = 60_000;
const REMEMBERED_CHARACTERS = 4_000;

/** What runs; none of it outlives this process. */
const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill()));

/** Starts `file` of the peers' folder, where Node finds what it imports, and resolves once it can be asked. */
export async function startChild(file, args, onNews = () => {}) {
  const child = new Child(fork(path.join(PEERS, file), args, { stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [] }), onNews);
  const timer = setTimeout(() => child.kill(), START_DEADLINE_MS);
  try {
    await child.ready;
  } finally {
    clearTimeout(timer);
  }
  return child;
}

class Child {
  #process;
  #calls = new Map();
  #output = "";
  /** What it brought when it was ready. */
  welcome;
  /** What it ended of, if it did. */
  death;

  constructor(child, onNews) {
    this.#process = child;
    running.add(this);
    this.ended = once(child, "close").then(([code, signal]) => this.#end(code, signal));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => this.#remember(data));
    // A question to one that is gone is answered by its end.
    child.on("error", () => {});
    this.ready = new Promise((resolve, reject) => {
      child.on("message", (message) => {
        if (message.ready) resolve((this.welcome = message.welcome));
        else if (message.call !== undefined) this.#answer(message);
        else onNews(message);
      });
      this.ended.then(() => reject(new Error(`${path.basename(child.spawnargs[1])} ended at its start: ${this.#output}`)));
    });
    this.ready.catch(() => {});
  }

  /** Calls a method in the other process; undefined where that has ended. */
  call(name, ...args) {
    if (this.death || !this.#process.connected) return Promise.resolve();
    return new Promise((resolve) => {
      const call = this.#calls.size;
      this.#calls.set(call, resolve);
      this.#process.send({ call, name, args }, () => {});
    });
  }

  kill() {
    this.#process.kill("SIGKILL");
  }

  #answer({ call, value }) {
    this.#calls.get(call)(value);
  }

  #end(code, signal) {
    running.delete(this);
    this.death = lastError(this.#output) ?? signal ?? `exit code ${code}`;
    for (const resolve of this.#calls.values()) resolve();
  }

  #remember(data) {
    this.#output = (this.#output + data).slice(-REMEMBERED_CHARACTERS);
  }
}

/** The message of the error that a process of Node died of. */
function lastError(output) {
  const lines = output.split("\n").filter((line) => /^(\S*Error|.*heap out of memory)/.test(line.trim()));
  return lines.at(-1)?.trim().slice(0, 120);
}
