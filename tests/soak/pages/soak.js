// Decides what the page of the soak lets be called from outside: `window.soak`.

import * as syncline from "/pkg/dist/index.browser.js";
import { takenOf } from "/lib/places.mjs";
import { startWorkload } from "/lib/workload.mjs";

window.soak = {
  async begin(server, options) {
    const workload = await startWorkload({ syncline, server, who: "page", options });
    // Nothing of the next call is kept by this one.
    Object.assign(window.soak, { turn: () => workload.turn(), rest: () => workload.rest(), end: () => workload.end() });
  },
  /** Lets the browser come round. */
  breathe: () => new Promise((resolve) => setTimeout(resolve, 50)),
  /** What only the page knows of what it uses. */
  async census() {
    const { memory, __wbindgen_externrefs: table } = window.wasm;
    const { held, pending } = await navigator.locks.query();
    const marks = performance.getEntriesByType("mark").length;
    return { wasm: memory.buffer.byteLength, places: takenOf(table), timers: window.timers, locks: held.length + pending.length, marks };
  },
};
