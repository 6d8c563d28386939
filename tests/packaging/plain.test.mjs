// Without a bundler: files from a static server, with and without a Content Security Policy, and where they are served wrong.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { serve } from "../../scripts/lib/static-server.mjs";
import { startBrowser } from "../e2e/lib/browser.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { startServer } from "../e2e/lib/server.mjs";
import { joinWithYjs } from "../e2e/lib/yjs-client.mjs";
import { checkApp, openAppPage } from "./lib/app-page.mjs";
import { prepareProject } from "./lib/project.mjs";

/** Nothing is allowed but what these pages do. */
const POLICY = "default-src 'none'; img-src data:; worker-src 'self'; connect-src 'self' ws://127.0.0.1:*; script-src 'self'";

const WASM = "**/*.wasm";

let browser;
let server;
let plain;

before(async () => {
  browser = await startBrowser();
  server = await startServer();
  plain = await prepareProject("plain");
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const withPolicy = (policy) => ({ "content-security-policy": policy });

test("a page with a script of type module works as it is served", async (t) => {
  const own = cleanup(t);
  const site = own(await serve({ folders: { "/": plain.folder } }));
  const app = own(await openAppPage(browser, `${site.url}/`, server.url, "plain"));
  await checkApp(own, app, server.url, "plain", { wasm: "file", bridge: false });
});

test("a worker that leads has the connection and the store; when it is ended, the page takes over", async (t) => {
  const own = cleanup(t);
  const site = own(await serve({ folders: { "/": plain.folder } }));
  const app = own(await openAppPage(browser, `${site.url}/`, server.url, "worker-leads", { first: "worker" }));
  await app.until(() => window.app?.body?.toString() === "worker ");
  const tabs = await app.run(() => [window.app.worker.tab, window.app.doc.status.tab]);
  assert.deepEqual(tabs.map(({ leader }) => leader), [tabs[0].number, tabs[0].number]);
  await app.run(() => window.app.body.insert(0, "page "));
  await app.until(() => window.app.worker.text === "page worker " && window.app.worker.unstored === 0);

  await app.run(() => window.app.endWorker());
  await app.until(() => window.app.doc.status.tab.leader === window.app.doc.status.tab.number);
  const peer = own(await joinWithYjs(server.url, "worker-leads"));
  await peer.shows("page worker ");
  peer.body.insert(0, "peer ");
  await app.until(() => window.app.body.toString() === "peer page worker ");
  assert.deepEqual([app.errors, app.failed], [[], []]);
});

test("a page whose policy allows wasm but no eval works, and so does its worker", async (t) => {
  const own = cleanup(t);
  const headers = withPolicy(`${POLICY} 'wasm-unsafe-eval'`);
  const site = own(await serve({ folders: { "/": plain.folder }, headers }));
  const app = own(await openAppPage(browser, `${site.url}/`, server.url, "policy"));
  await checkApp(own, app, server.url, "policy", { wasm: "file", bridge: false });
});

test("a bundle that carries the wasm works under the same policy", async (t) => {
  const own = cleanup(t);
  const esbuild = await prepareProject("esbuild");
  await esbuild.npm("build");
  const headers = withPolicy(`${POLICY} 'wasm-unsafe-eval'`);
  const site = own(await serve({ folders: { "/": esbuild.file("dist") }, headers }));
  const app = own(await openAppPage(browser, `${site.url}/`, server.url, "policy-esbuild"));
  await checkApp(own, app, server.url, "policy-esbuild", { wasm: "script" });
});

test("a policy that allows no wasm is named by the error", async (t) => {
  const own = cleanup(t);
  const site = own(await serve({ folders: { "/": plain.folder }, headers: withPolicy(POLICY) }));
  const app = own(await openAppPage(browser, `${site.url}/`, server.url, "forbidden"));
  const { code, message } = await failureOf(app);
  assert.equal(code, "load-failed");
  assert.match(message, /script-src 'wasm-unsafe-eval'$/);
});

test("a server that gives the wasm another type costs a warning", async (t) => {
  const own = cleanup(t);
  const site = own(await serve({ folders: { "/": plain.folder } }));
  const asText = async (route) => route.fulfill({ response: await route.fetch(), contentType: "text/plain" });
  const prepare = (page) => page.context().route(WASM, asText);
  const app = own(await openAppPage(browser, `${site.url}/`, server.url, "typed", { prepare }));
  await app.until(() => window.app?.body);
  await app.run(() => window.app.body.insert(0, "typed"));
  await app.run(() => window.app.doc.saved());
  assert.equal(await app.run(() => window.app.instances()), 1);
  assert.deepEqual(app.errors, []);
  assert(app.printed.length > 0 && app.printed.every((line) => line.includes("application/wasm")), app.printed.join("\n"));
});

/** What a server may answer in place of the file. */
const ANSWERS = [
  { what: "with nothing", room: "nothing", answer: (route) => route.abort(), says: /Failed to fetch/ },
  { what: "with 404", room: "404", answer: (route) => route.fulfill({ status: 404, body: "not here" }), says: /404/ },
  {
    what: "with its page, as for every address that it does not know",
    room: "page",
    answer: (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>app</title>" }),
    says: /magic/,
  },
];

for (const { what, room, answer, says } of ANSWERS) {
  test(`a request for the wasm that is answered ${what} is told of, and the next call loads`, async (t) => {
    const own = cleanup(t);
    const site = own(await serve({ folders: { "/": plain.folder } }));
    const prepare = (page) => page.route(WASM, answer);
    const app = own(await openAppPage(browser, `${site.url}/`, server.url, room, { prepare }));
    const { code, message } = await failureOf(app);
    assert.equal(code, "load-failed");
    assert.match(message, says);
    assert.match(message, /'syncline\/inline'$/);

    await app.page.unroute(WASM);
    const loaded = await app.run(async ([server, room]) => {
      const doc = await window.app.open(server, room);
      doc.text("body").insert(0, "loaded");
      await doc.saved();
      return doc.text("body").toString();
    }, [server.url, room]);
    assert.equal(loaded, "loaded");
    assert.equal(await app.run(() => window.app.instances()), 1);
  });
}

async function failureOf(app) {
  await app.until(() => window.app?.failure);
  return app.run(() => window.app.failure);
}
