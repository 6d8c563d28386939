// Decides what documents take of the memory: JavaScript's heap and wasm's memory together, after the garbage was collected.

import { finalDocument } from "../lib/documents.mjs";

const COUNTS = { full: { open: 100, closed: 1_000 }, quick: { open: 30, closed: 100 } };
const CHARACTERS = 1_000;
const MIB = 2 ** 20;

export const memory = {
  name: "memory",
  title: "Memory",
  how: `JavaScript's heap (CDP, after its garbage was collected) and wasm memory together, above what the page had
when the library was loaded. Wasm memory never shrinks: what was once needed stays. A document that is open has
${CHARACTERS.toLocaleString("en-US")} characters; the mean of 100 (--quick: 30). Closed: 1,000 such (--quick: 100)
open at the same time, then all closed.`,
  rounds: { full: 3, quick: 1 },
  measurements: {
    loaded: { title: "the session's document loaded", unit: "MiB", target: { ratio: 1.5 } },
    wasm: { title: "wasm memory after all edits of the session", unit: "MiB", target: { most: 16 }, missing: { yjs: "has no wasm" } },
    open: { title: "each open document", unit: "kB" },
    left: { title: "left after 1,000 were closed", unit: "MiB" },
  },
  async round({ stage, library, operations, quick }) {
    const { open, closed } = quick ? COUNTS.quick : COUNTS.full;
    const name = await finalDocument(stage, library, operations);
    const loaded = await measured(stage, library, async (page, grown) => {
      await page.evaluate(load, name);
      return grown();
    });
    const each = await measured(stage, library, async (page, grown) => {
      await page.evaluate(openMany, { count: open, characters: CHARACTERS });
      return (await grown()) / open;
    });
    const left = await measured(stage, library, async (page, grown) => {
      await page.evaluate(openMany, { count: closed, characters: CHARACTERS });
      await page.evaluate(closeAll);
      return grown();
    });
    const wasm = await measured(stage, library, (page) => page.evaluate(replay, operations));
    return { loaded: loaded / MIB, wasm: wasm > 0 ? wasm / MIB : undefined, open: each / 1000, left: left / MIB };
  },
};

/** Has `work` done in a page of the library; `grown()` tells by how many bytes its memory has grown meanwhile. */
async function measured(stage, library, work) {
  const visitor = await stage.page(library);
  try {
    const devtools = await visitor.context.newCDPSession(visitor.page);
    const before = await taken(visitor.page, devtools);
    return await work(visitor.page, async () => (await taken(visitor.page, devtools)) - before);
  } finally {
    await visitor.close();
  }
}

async function taken(page, devtools) {
  // What a finalizer frees in wasm takes another round to be gone from the heap.
  for (let n = 0; n < 3; n++) {
    await devtools.send("HeapProfiler.collectGarbage");
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
  }
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize + (await page.evaluate(() => window.kit.wasmBytes()));
}

/** In the page. What is kept in `window` is not garbage. */
async function load(name) {
  const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
  window.replica = await window.kit.load(bytes);
  if (window.replica.text().length === 0) throw new Error("the document is empty");
}

/** In the page. */
async function openMany({ count, characters }) {
  window.replicas = [];
  for (let n = 0; n < count; n++) {
    const replica = await window.library.open();
    replica.insert(0, "x".repeat(characters));
    window.replicas.push(replica);
    await window.kit.nextTask();
  }
}

/** In the page. */
async function closeAll() {
  for (const replica of window.replicas.splice(0)) await replica.close();
  await window.kit.nextTask();
}

/** In the page; returns the bytes of wasm memory. */
async function replay(operations) {
  const { kit, library } = window;
  const session = (await kit.trace()).slice(0, operations);
  const replica = await library.open();
  replica.onUpdate(() => {});
  for (const [n, operation] of session.entries()) {
    kit.perform(replica, operation);
    if (n % 100 === 99) await kit.nextTask();
  }
  return kit.wasmBytes();
}
