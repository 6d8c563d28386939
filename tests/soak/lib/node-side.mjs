// Decides how a process of Node takes part in the soak: a process of its own, so that nothing else is counted.

import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";

/** Starts the process, with a document that stays. */
export async function startNodeSide(server, options) {
  const side = new NodeSide(fork(path.join(ROOT, "tests", "soak", "node-process.mjs"), { execArgv: ["--expose-gc"] }));
  await side.call("begin", server, options);
  return side;
}

class NodeSide {
  #process;
  #calls = new Map();
  #count = 0;

  constructor(child) {
    this.#process = child;
    this.#process.on("message", ({ call, value, error }) => {
      const { resolve, reject } = this.#calls.get(call);
      this.#calls.delete(call);
      if (error) reject(new Error(error));
      else resolve(value);
    });
    child.once("exit", (code, signal) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`the process of Node ended: ${signal ?? code}`));
      this.#calls.clear();
    });
  }

  turn() {
    return this.call("turn");
  }

  rest() {
    return this.call("rest");
  }

  end() {
    return this.call("end");
  }

  census() {
    return this.call("census");
  }

  /** Calls a method in the process. */
  call(name, ...args) {
    const call = (this.#count += 1);
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      this.#process.send({ call, name, args });
    });
  }

  async close() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill();
    await ended;
  }
}
