// Decides how the page of Chromium takes part in the soak, and what is counted of it: by the browser's own numbers, after
// its garbage was collected.

import assert from "node:assert/strict";
import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/static-server.mjs";
import { startProfile } from "../../e2e/lib/profile.mjs";
import { countTimers, showWasm } from "../../e2e/lib/watch-globals.mjs";

/** Objects of the browser that are alive until they are closed, by what they count as. */
const HANDLES = { sockets: "WebSocket", databases: "IDBDatabase", channels: "BroadcastChannel", ports: "MessagePort" };

/** How often the garbage is collected before what is left is counted. */
const ROUNDS = 4;

/** Opens the page, with a document that stays. */
export async function startPageSide(server, options) {
  const folders = {
    "/pkg/": path.join(ROOT, "pkg"),
    "/lib/": path.join(ROOT, "tests", "soak", "lib"),
    "/": path.join(ROOT, "tests", "soak", "pages"),
  };
  const { url, close } = await serve({ folders });
  // Whoever ends the soak wants to be told of what there is, so the browser must not end by itself.
  const profile = await startProfile("chromium", { handleSIGTERM: false });
  const side = new PageSide(await profile.newTab(), async () => {
    await profile.close();
    await close();
  });
  try {
    await side.open(`${url}/soak.html`, server, options);
  } catch (error) {
    await side.close();
    throw error;
  }
  return side;
}

class PageSide {
  #page;
  #devtools;
  /** Exceptions that nobody caught. */
  errors = [];

  constructor(page, close) {
    this.#page = page;
    this.close = close;
    page.on("pageerror", (error) => this.errors.push(String(error.stack ?? error)));
  }

  async open(url, server, options) {
    await this.#page.evaluateOnNewDocument(countTimers);
    await this.#page.evaluateOnNewDocument(showWasm);
    await this.#page.goto(url);
    await this.#page.waitForFunction(() => window.soak !== undefined);
    this.#devtools = await this.#page.createCDPSession();
    await this.#devtools.send("HeapProfiler.enable");
    await this.#call(`begin(${JSON.stringify(server)}, ${JSON.stringify(options)})`);
  }

  turn() {
    return this.#call("turn()");
  }

  rest() {
    return this.#call("rest()");
  }

  end() {
    return this.#call("end()");
  }

  /** What there is, while nothing is done. */
  async census() {
    await this.#collect();
    const counts = await this.#call("census()");
    for (const [name, constructor] of Object.entries(HANDLES)) counts[name] = await this.#countOf(constructor);
    // Counting has left something itself.
    await this.#collect();
    const { usedSize } = await this.#devtools.send("Runtime.getHeapUsage");
    const { jsEventListeners, nodes } = await this.#devtools.send("Memory.getDOMCounters");
    return { heap: usedSize, ...counts, listeners: jsEventListeners, nodes };
  }

  /** Collects the garbage. What a finalizer frees takes another round to be gone. */
  async #collect() {
    for (let n = 0; n < ROUNDS; n++) {
      await this.#devtools.send("HeapProfiler.collectGarbage");
      await this.#call("breathe()");
    }
  }

  /** How many objects of this kind are alive. */
  async #countOf(constructor) {
    const objectGroup = "census";
    const { result } = await this.#devtools.send("Runtime.evaluate", { expression: `${constructor}.prototype`, objectGroup });
    const { objects } = await this.#devtools.send("Runtime.queryObjects", { prototypeObjectId: result.objectId, objectGroup });
    const functionDeclaration = "function () { return this.length; }";
    const length = await this.#devtools.send("Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration, returnByValue: true });
    await this.#devtools.send("Runtime.releaseObjectGroup", { objectGroup });
    return length.result.value;
  }

  /** Calls a method of the page, by the bare protocol: Puppeteer's own way leaves more in the page. */
  async #call(expression) {
    const sent = { expression: `window.soak.${expression}`, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#devtools.send("Runtime.evaluate", sent);
    assert(!exceptionDetails, exceptionDetails?.exception?.description ?? exceptionDetails?.text);
    return result.value;
  }
}
