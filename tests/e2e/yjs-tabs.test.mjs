// A Y.Doc with its editor in each of two tabs of one browser: one connection, and what is written goes on when the tab that has it is closed.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { openEditor, serveEditorPages } from "./lib/editor-pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const LABEL = ".cm-ySelectionInfo";

let pages;
let browser;
before(async () => {
  pages = await serveEditorPages(["codemirror"]);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

/** The browser that has `page`, to open another tab of it. */
function browserOf(page) {
  return {
    async visit(url) {
      const tab = await page.context().newPage();
      const errors = [];
      tab.on("pageerror", (error) => errors.push(String(error)));
      await tab.goto(url);
      return { page: tab, errors, close: () => tab.close() };
    },
  };
}

test("two tabs with a bound Y.Doc share a connection, and the one that is left takes it over", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const tab = (person) => ({ server: proxy.url, room: "room", person });
  const first = own(await openEditor(browser, pages, "codemirror", tab("first")));
  const second = await openEditor(browserOf(first.page), pages, "codemirror", tab("second"));
  const bob = own(await openEditor(browser, pages, "codemirror", { server: server.url, room: "room", person: "bob" }));
  const all = [first, second, bob];
  const allShow = (editors, text) => Promise.all(editors.map((editor) => editor.shows(text)));

  await second.until(() => window.doc.status.phase === "synced");
  const follows = () => window.doc.status.tab.number !== window.doc.status.tab.leader;
  assert.deepEqual([await first.run(follows), await second.run(follows), proxy.connections.length], [false, true, 1]);

  await first.typeAtEnd("One");
  await allShow(all, "One");
  await second.typeAtEnd(" two");
  await allShow(all, "One two");
  await bob.typeAtEnd(" three");
  await allShow(all, "One two three");
  await bob.until(() => window.awareness.getStates().size === 3);

  await first.page.close();
  await bob.until(() => window.awareness.getStates().size === 2);
  await second.typeAtEnd("!");
  await allShow([second, bob], "One two three!");
  const labels = (label) => [...document.querySelectorAll(label)].map(({ textContent }) => textContent.trim()).join();
  assert.equal(await bob.run(labels, LABEL), "second");
  await second.until(() => window.doc.status.phase === "synced" && window.doc.status.unsynced === 0);
  assert.deepEqual([await second.run(follows), proxy.connections.length], [false, 1]);

  const late = own(await joinWithYjs(server.url, "room"));
  assert.equal(late.doc.getText("codemirror").toString(), "One two three!");
  assert.deepEqual([...second.errors, ...bob.errors], []);
});
