// Decides what the process of Node does that takes part in the soak: it is called by messages, and answers each.

import { readdirSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { WebSocket } from "ws";
import { loadSyncline } from "../e2e/lib/syncline-client.mjs";
import { showWasm } from "../e2e/lib/watch-globals.mjs";
import { takenOf } from "./lib/places.mjs";
import { startWorkload } from "./lib/workload.mjs";

let workload;
showWasm();

const calls = {
  async begin(server, options) {
    workload = await startWorkload({ syncline: await loadSyncline(), server, who: "node", options: { ...options, WebSocket } });
  },
  turn: () => workload.turn(),
  rest: () => workload.rest(),
  end: () => workload.end(),
  census,
};

/** What there is, while nothing is done, after the garbage was collected. */
async function census() {
  // What a finalizer frees takes another round to be gone.
  for (let n = 0; n < 3; n++) {
    globalThis.gc();
    await turn();
  }
  const { memory, __wbindgen_externrefs: table } = globalThis.wasm;
  const { heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === "Timeout").length;
  return {
    heap: heapUsed,
    external: external - memory.buffer.byteLength,
    wasm: memory.buffer.byteLength,
    places: takenOf(table),
    marks: performance.getEntriesByType("mark").length,
    timers,
    handles: resources.length - timers,
    files: readdirSync("/proc/self/fd").length,
  };
}

process.on("message", async ({ call, name, args }) => {
  const answer = await Promise.resolve()
    .then(() => calls[name](...args))
    .then((value) => ({ value }), (error) => ({ error: String(error.stack ?? error) }));
  process.send({ call, ...answer });
});
// Whoever started it is gone.
process.on("disconnect", () => process.exit());
