// Decides how the page of a project is opened and what has to hold of it, whichever tool put it together.

import assert from "node:assert/strict";
import { WatchedPage } from "../../e2e/lib/watched-page.mjs";
import { joinWithYjs } from "../../e2e/lib/yjs-client.mjs";

/** The script of the app without the wasm is far below, that with the wasm as text is above. */
const WITH_WASM_BYTES = 500_000;

/** What the client of Yjs, the page and its worker write. */
const WORDS = ["peer ", "page ", "worker "];

/**
 * Opens the page at `url` in a context of its own, in `room` of `server`. `prepare` is called before; all else is part of
 * the address.
 * @returns {Promise<AppPage>}
 */
export async function openAppPage(browser, url, server, room, { prepare = async () => {}, ...query } = {}) {
  const app = new AppPage(await browser.visit("about:blank"));
  await prepare(app.page);
  await app.page.goto(`${url}?${new URLSearchParams({ server, room, ...query })}`);
  return app;
}

/** What is run in the page sees `window.app`. */
class AppPage extends WatchedPage {
  /** Requests that got no answer, or one that is an error. */
  failed = [];
  /** What is on the console, but debugging. */
  printed = [];
  #answers = [];

  constructor(visit) {
    super(visit);
    const { page } = visit;
    page.on("requestfailed", (request) => this.failed.push(`${request.url()} ${request.failure()?.errorText}`));
    page.on("response", (response) => this.#note(response));
    page.on("console", (message) => {
      if (["warning", "error"].includes(message.type())) this.printed.push(message.text());
    });
  }

  #note(response) {
    if (response.status() >= 400) this.failed.push(`${response.url()} ${response.status()}`);
    const size = response.request().sizes().then(({ responseBodySize }) => responseBodySize, () => 0);
    this.#answers.push({ url: response.url(), size });
  }

  async state() {
    const state = await this.run(() => window.app && [app.body?.toString(), app.doc?.status, app.worker, app.failure]);
    return { state, errors: this.errors, failed: this.failed, printed: this.printed };
  }

  /** How the wasm came: as a file, in the script, or both. */
  async wasmCame() {
    const sizes = await Promise.all(this.#answers.map(async ({ url, size }) => ({ url, size: await size })));
    const isFile = sizes.some(({ url }) => new URL(url).pathname.endsWith(".wasm"));
    const isScript = sizes.some(({ url, size }) => new URL(url).pathname.endsWith(".js") && size > WITH_WASM_BYTES);
    return { isFile, isScript };
  }
}

/**
 * Has page, worker and a client of Yjs write to the room, and checks that all see the same, that nothing failed, and
 * that the wasm was made once in the page and once in the worker, and came as `wasm` says.
 */
export async function checkApp(own, app, server, room, { wasm, bridge = true }) {
  const peer = own(await joinWithYjs(server, room));
  peer.body.insert(0, "peer ");
  await app.until(() => window.app?.body?.toString().includes("peer "));
  await app.run(() => window.app.body.insert(0, "page "));
  // As a function and its argument: a text would be evaluated, which a policy forbids.
  await app.until((words) => window.app.worker.error || words.every((word) => window.app.worker.text.includes(word)), WORDS);
  await app.until(() => window.app.worker.error || (window.app.worker.unsynced === 0 && window.app.worker.unstored === 0));
  await app.run(() => window.app.doc.saved());
  const { page, worker } = await app.run(() => {
    const { body, worker, doc, instances } = window.app;
    return { page: { text: body.toString(), tab: doc.status.tab, instances: instances() }, worker };
  });
  assert.equal(worker.error, undefined);
  for (const word of WORDS) assert(page.text.includes(word), page.text);
  await peer.shows(page.text);
  assert.equal(worker.text, page.text);
  // They found each other, as two tabs do, and one of them has the connection for both.
  assert.equal(worker.tab.leader, page.tab.leader);
  assert.notEqual(worker.tab.number, page.tab.number);
  if (bridge) await checkBridge(own, app, server, `${room}-yjs`);
  assert.equal(worker.instances, 1);
  await checkLoading(app, wasm);
}

/** Checks that nothing failed, and that the page made the wasm once, from where `wasm` says. */
export async function checkLoading(app, wasm) {
  assert.equal(await app.run(() => window.app.instances()), 1);
  assert.deepEqual(await app.wasmCame(), { isFile: wasm === "file", isScript: wasm === "script" });
  assert.deepEqual({ errors: app.errors, failed: app.failed, printed: app.printed }, { errors: [], failed: [], printed: [] });
}

/** The Y.Doc of the app, by `syncline/yjs`. */
async function checkBridge(own, app, server, room) {
  const peer = own(await joinWithYjs(server, room));
  peer.body.insert(0, "from Yjs");
  await app.until(() => window.app.ydoc.getText("body").toString() === "from Yjs");
  await app.run(() => window.app.ydoc.getText("body").insert(0, "and "));
  await peer.shows("and from Yjs");
}
