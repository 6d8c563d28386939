// Next.js with its default bundler: rendered on the server, used in the browser, and in a route of the server.

import assert from "node:assert/strict";
import test from "node:test";
import { startBrowser } from "../e2e/lib/browser.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { startServer } from "../e2e/lib/server.mjs";
import { joinWithYjs } from "../e2e/lib/yjs-client.mjs";
import { checkApp, openAppPage } from "./lib/app-page.mjs";
import { prepareProject } from "./lib/project.mjs";
import { startSite } from "./lib/site.mjs";

test("an app that Next.js builds works on the server, in a page and in a worker", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const project = await prepareProject("next");
  const printed = await project.npm("build");
  assert.match(printed, /\(Turbopack\)/);
  const next = project.file("node_modules", "next", "dist", "bin", "next");
  const args = (port) => ["start", "--hostname", "127.0.0.1", "--port", String(port)];
  const site = own(await startSite(project.serving, next, args, /Ready/));

  await t.test("what is rendered on the server holds the app's text", async () => {
    const response = await fetch(`${site.url}/?room=next`);
    assert.match(await response.text(), /The room is (<!-- -->)?next/);
  });

  await t.test("the page and its worker edit", async () => {
    const browser = own(await startBrowser());
    const app = own(await openAppPage(browser, `${site.url}/`, server.url, "next"));
    await checkApp(own, app, server.url, "next", { wasm: "file" });
  });

  await t.test("the hooks of React begin with what was rendered on the server", async () => {
    const peer = own(await joinWithYjs(server.url, "hooks"));
    peer.body.insert(0, "peer");
    const query = new URLSearchParams({ server: server.url, room: "hooks" });
    assert.match(await (await fetch(`${site.url}/react?${query}`)).text(), /<p>not yet<\/p>/);
    const browser = own(await startBrowser());
    const app = own(await openAppPage(browser, `${site.url}/react`, server.url, "hooks"));
    await app.page.locator("p", { hasText: "synced" }).waitFor();
    await app.page.locator("p", { hasText: "peer" }).waitFor();
    await app.page.locator("textarea").press("Control+End");
    await app.page.locator("textarea").pressSequentially(" page");
    await peer.shows("peer page");
    assert.deepEqual([...app.errors, ...app.failed, ...app.printed], []);
  });

  await t.test("a route of the server reads the room", async () => {
    const peer = own(await joinWithYjs(server.url, "read-by-a-route"));
    peer.body.insert(0, "for the route");
    // Whoever is told of it by the server shows that the server has it.
    await own(await joinWithYjs(server.url, "read-by-a-route")).shows("for the route");
    const query = new URLSearchParams({ server: server.url, room: "read-by-a-route" });
    const response = await fetch(`${site.url}/peek?${query}`);
    assert.deepEqual([response.status, await response.text()], [200, "for the route"]);
  });
});
