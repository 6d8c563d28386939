// Two people in a real editor with its real binding to Yjs, and Syncline below: typing, cursors, offline and back, a reload.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { openEditor, serveEditorPages } from "./lib/editor-pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

/** By editor: what shows the name of somebody else at their cursor, what the client of Yjs reads, and the keys of redo. */
const EDITORS = {
  codemirror: { label: ".cm-ySelectionInfo", read: ({ doc }) => doc.getText("codemirror").toString() },
  monaco: { label: "ul > li", read: ({ doc }) => doc.getText("monaco").toString() },
  prosemirror: { label: ".ProseMirror-yjs-cursor > div", read: ({ doc }) => doc.getXmlFragment("prosemirror").toString() },
  tiptap: { label: ".collaboration-carets__label", read: ({ doc }) => doc.getXmlFragment("default").toString() },
  "y-quill": { label: ".ql-cursor-name", read: ({ doc }) => doc.getText("quill").toString(), redo: "Control+Shift+Z" },
};

let pages;
let browser;
before(async () => {
  pages = await serveEditorPages(Object.keys(EDITORS));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

for (const [name, { label, read, redo = "Control+y" }] of Object.entries(EDITORS)) {
  test(`two people write with ${name}, lose the network, come back, and reload`, async (t) => {
    const own = cleanup(t);
    const server = own(await startServer());
    const join = async (person) => {
      const proxy = own(await startProxy(server.url));
      const editor = own(await openEditor(browser, pages, name, { server: proxy.url, room: "room", person }));
      return { proxy, editor };
    };
    const [ada, bob] = [await join("ada"), await join("bob")];
    const bothShow = (text) => Promise.all([ada, bob].map(({ editor }) => editor.shows(text)));

    const wasms = () => performance.getEntriesByType("resource").filter((file) => file.name.endsWith(".wasm")).length;
    assert.equal(await ada.editor.run(wasms), 1);

    await ada.editor.typeAtEnd("Ada");
    await bothShow("Ada");
    await bob.editor.typeAtEnd(" and Bob");
    await bothShow("Ada and Bob");

    const seen = async ({ editor }, whom) => {
      await editor.page.waitForSelector(`${label}:has-text("${whom}")`, { state: "visible" });
      assert.deepEqual(await editor.page.locator(label).allInnerTexts(), [whom], "the other, and nobody twice");
    };
    await seen(ada, "bob");
    await ada.editor.typeAtEnd("!");
    await bothShow("Ada and Bob!");
    await seen(bob, "ada");

    await ada.editor.press("Control+z");
    // How much of what Ada wrote goes is up to the clock of the undo manager; nothing of what Bob wrote does.
    for (const { editor } of [ada, bob]) {
      await editor.until(() => !window.text().includes("!") && window.text().endsWith(" and Bob"));
    }
    await ada.editor.press(redo);
    await bothShow("Ada and Bob!");

    await ada.proxy.goDown();
    await ada.editor.until(() => window.doc.status.phase !== "synced");
    await ada.editor.typeAtEnd(" A");
    await bob.editor.typeAtStart("B ");
    await bob.editor.run(() => window.doc.saved());
    await ada.editor.until(() => window.doc.status.unsynced > 0 && window.doc.status.unstored === 0);

    await ada.editor.page.reload();
    await ada.editor.ready();
    await ada.editor.shows("Ada and Bob! A");
    assert.notEqual(await ada.editor.run(() => window.doc.status.unsynced), 0, "a reload does not forget what is unsynced");
    ada.proxy.restore();
    await bothShow("B Ada and Bob! A");
    await ada.editor.run(() => window.doc.saved());

    const late = own(await joinWithYjs(server.url, "room"));
    assert.match(read(late), /B Ada and Bob! A/);
    assert.deepEqual([...ada.editor.errors, ...bob.editor.errors], []);
  });
}
