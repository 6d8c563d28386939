// A page that opens and closes a thousand documents on the real server is as it was: nothing is left of them.

import assert from "node:assert/strict";
import test from "node:test";
import { visitBarePage } from "./lib/bare-page.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { events, until } from "./lib/until.mjs";
import { countTimers, showWasm } from "./lib/watch-globals.mjs";

const DOCUMENTS = 1000;
/** After these, everything has its final size. */
const FIRST = 200;
/** How many are open at the same time. */
const AT_ONCE = 10;

/** What the JavaScript of the page may have grown by: noise of the engine, a byte or so a document. */
const HEAP_NOISE = 200_000;

/**
 * What the wasm memory may have grown by: one page. The table of JavaScript values doubles when many of them wait for the
 * garbage collector, at a document number that it decides; 27,000 further documents under Node added nothing.
 */
const WASM_NOISE = 65_536;

test("a thousand documents that were opened and closed leave nothing behind", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const pages = own(await servePages());
  const browser = own(await startBrowser());
  const person = own(await visitBarePage(browser, pages));
  await person.run(showWasm);
  await person.run(countTimers);
  const census = await openCensus(person.page);
  const measure = async () => {
    await until(() => proxy.connections.length === 0, { sources: [events(proxy, "closed")] });
    return census();
  };

  await person.run(useDocuments, { server: proxy.url, from: 0, to: FIRST, atOnce: AT_ONCE });
  const early = await measure();
  await person.run(useDocuments, { server: proxy.url, from: FIRST, to: DOCUMENTS, atOnce: AT_ONCE });
  const late = await measure();

  t.diagnostic(`after ${FIRST}: ${JSON.stringify(early)}, after ${DOCUMENTS}: ${JSON.stringify(late)}`);
  assert.equal(proxy.accepted, DOCUMENTS);
  assert.deepEqual([late.sockets, late.timers], [0, 0]);
  assert.equal(late.listeners, early.listeners);
  assert(late.wasmBytes - early.wasmBytes <= WASM_NOISE, `${late.wasmBytes - early.wasmBytes} bytes of wasm memory more`);
  assert(late.heapBytes - early.heapBytes < HEAP_NOISE, `${late.heapBytes - early.heapBytes} bytes of JavaScript more`);
  assert.deepEqual(person.errors, []);
});

test("documents that are kept on the device leave no place taken in the table of JavaScript values", async (t) => {
  const own = cleanup(t);
  const pages = own(await servePages());
  const browser = own(await startBrowser());
  const person = own(await visitBarePage(browser, pages));
  await person.run(showWasm);
  await person.run(useStored, { from: 0, to: 10 });
  const early = await person.run(countPlaces);
  await person.run(useStored, { from: 10, to: 40 });
  const late = await person.run(countPlaces);
  assert.equal(late, early, "places that hold nothing and are not free");
  assert.deepEqual(person.errors, []);
});

/** Runs in the page: makes documents that tabs share and the device keeps, and forgets them. */
async function useStored({ from, to }) {
  for (let room = from; room < to; room++) {
    const doc = await window.syncline.open("ws://127.0.0.1:9", `stored-${room}`, { store: true, connect: false });
    for (const letter of "abc") {
      doc.text("body").insert(0, letter);
      await doc.stored();
    }
    await doc.forget();
    await doc.close();
  }
}

/** Runs in the page: how many places of the table hold `undefined`; those that are free hold null. */
function countPlaces() {
  const { __wbindgen_externrefs: table } = window.wasm;
  let count = 0;
  for (let at = 0; at < table.length; at++) if (table.get(at) === undefined) count += 1;
  return count;
}

/** Runs in the page: opens documents, edits and saves each, and closes them. Each is new, so that all are equally large. */
async function useDocuments({ server, from, to, atOnce }) {
  const { open } = window.syncline;
  const useOne = async (room) => {
    const doc = await open(server, `room-${room}`);
    const body = doc.text("body");
    body.observe(() => {});
    doc.on("status", () => {});
    doc.presence.set({ name: "Ada" });
    body.insert(0, "x");
    await doc.saved();
    await doc.close();
  };
  for (let first = from; first < to; first += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, n) => useOne(first + n)));
  }
}

/** Returns a function that counts, after collecting garbage, what is left in the page; by the browser's own numbers. */
async function openCensus(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.enable");
  const { result } = await devtools.send("Runtime.evaluate", { expression: "WebSocket.prototype" });

  const liveSockets = async () => {
    const { objects } = await devtools.send("Runtime.queryObjects", {
      prototypeObjectId: result.objectId,
      objectGroup: "census",
    });
    const { result: length } = await devtools.send("Runtime.callFunctionOn", {
      objectId: objects.objectId,
      functionDeclaration: "function () { return this.length; }",
      returnByValue: true,
    });
    await devtools.send("Runtime.releaseObjectGroup", { objectGroup: "census" });
    return length.value;
  };

  return async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { jsEventListeners } = await devtools.send("Memory.getDOMCounters");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    const inPage = await page.evaluate(() => {
      return { timers: window.timers, wasmBytes: window.wasm.memory.buffer.byteLength };
    });
    return { sockets: await liveSockets(), listeners: jsEventListeners, heapBytes: usedSize, ...inPage };
  };
}
