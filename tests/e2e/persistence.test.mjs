// What was saved is there after the page, and after the server, was started again.

import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { openBarePage } from "./lib/bare-page.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

test("saved edits survive a restart of the page and of the server", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const pages = own(await servePages());
  const browser = own(await startBrowser());

  const first = await openBarePage(browser, pages, proxy.url, "notes");
  const before = await first.run(async () => {
    window.body.insert(0, "Plan 😀", { bold: true });
    window.doc.map("meta").set("title", "Plan");
    window.doc.list("todos").push({ done: false, label: "ship" });
    await window.doc.saved();
    return window.body.toDelta();
  });
  const left = once(proxy, "closed");
  await first.close();
  await left;
  // The server forgets a document that nobody has open, so this is read from its database: it is written.
  const reader = await openBarePage(browser, pages, proxy.url, "notes");
  await reader.untilText("Plan 😀");
  await reader.close();
  await server.restart();

  const second = own(await openBarePage(browser, pages, proxy.url, "notes"));
  await second.untilText("Plan 😀");
  const after = await second.run(() => ({
    body: window.body.toDelta(),
    meta: window.doc.map("meta").toJSON(),
    todos: window.doc.list("todos").toJSON(),
  }));
  assert.deepEqual(after, { body: before, meta: { title: "Plan" }, todos: [{ done: false, label: "ship" }] });
});
