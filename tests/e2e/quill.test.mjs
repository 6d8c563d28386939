// Quill 2, which speaks deltas and knows no CRDT, on a text of Syncline: two people, formatting, an image, undo, no network.
// One of them has the editor at the other end of a port, as in a frame.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { openEditor, serveEditorPages } from "./lib/editor-pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

let pages;
let browser;
before(async () => {
  pages = await serveEditorPages(["quill"]);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

const PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

for (const name of ["near", "far"]) {
  test(`two people write with Quill (${name}), format, insert an image, undo, lose the network and come back`, async (t) => {
    const own = cleanup(t);
    const server = own(await startServer());
    const join = async (person) => {
      const proxy = own(await startProxy(server.url));
      const editor = own(await openEditor(browser, pages, "quill", { server: proxy.url, room: "room", person }));
      return { proxy, editor };
    };
    const [ada, bob] = [await join(name), await join("near")];
    const both = [ada, bob].map(({ editor }) => editor);
    const bothShow = (text) => Promise.all(both.map((editor) => editor.shows(text)));
    const contents = (editor) => editor.run(() => window.editor.getContents().ops);
    const bothHold = async (wanted) => {
      const isHeld = (json) => JSON.stringify(window.editor.getContents().ops) === json;
      await Promise.all(both.map((editor) => editor.until(isHeld, JSON.stringify(wanted))));
    };

    await ada.editor.typeAtEnd("Title");
    await bothShow("Title\n");
    await ada.editor.press("Enter");
    await ada.editor.page.keyboard.type("by Ada");
    await bothShow("Title\nby Ada\n");
    await bob.editor.typeAtEnd(" and Bob");
    await bothShow("Title\nby Ada and Bob\n");

    // The formats of a line stand on its newline, also on the last one, which the text did not have until then.
    await bob.editor.run(() => window.editor.formatLine(0, 1, { header: 1 }, "user"));
    await ada.editor.run(() => window.editor.formatText(6, 2, { italic: true }, "user"));
    await ada.editor.run(() => window.editor.formatLine(10, 1, { list: "bullet" }, "user"));
    await ada.editor.run((url) => window.editor.insertEmbed(0, "image", url, "user"), PIXEL);
    await bothHold([
      { insert: { image: PIXEL } },
      { insert: "Title" },
      { attributes: { header: 1 }, insert: "\n" },
      { attributes: { italic: true }, insert: "by" },
      { insert: " Ada and Bob" },
      { attributes: { list: "bullet" }, insert: "\n" },
    ]);
    assert.equal(await bob.editor.page.locator("h1 img").count(), 1);

    // Undo takes back one's own last step, whatever the other has written since.
    await bob.editor.typeAtEnd("!");
    await bothShow("Title\nby Ada and Bob!\n");
    await ada.editor.run(() => window.editor.history.undo());
    await bob.editor.until(() => document.querySelectorAll("img").length === 0);
    await bothShow("Title\nby Ada and Bob!\n");
    await ada.editor.run(() => window.editor.history.redo());
    await bob.editor.until(() => document.querySelectorAll("img").length === 1);

    await ada.proxy.goDown();
    await ada.editor.until(() => window.doc.status.phase !== "synced");
    await ada.editor.typeAtEnd(" A");
    await bob.editor.run(() => window.editor.deleteText(1, 6, "user"));
    await bob.editor.typeAtEnd(" B");
    await bob.editor.run(() => window.doc.saved());
    ada.proxy.restore();
    const settled = () => window.text().includes(" A") && window.text().includes(" B") && !window.text().includes("Title");
    await Promise.all(both.map((editor) => editor.until(settled)));
    assert.deepEqual(await contents(ada.editor), await contents(bob.editor));

    // The other's selection moves with what is written before it.
    await bob.editor.run(() => window.editor.setSelection(3, 2));
    await ada.editor.run(() => window.editor.setSelection(0, 0));
    await ada.editor.page.keyboard.type("12345");
    await bob.editor.until(() => window.editor.getSelection()?.index === 8);

    const before = await contents(bob.editor);
    await bob.editor.run(() => window.doc.stored());
    await bob.editor.page.reload();
    await bob.editor.ready();
    await bob.editor.until((json) => JSON.stringify(window.editor.getContents().ops) === json, JSON.stringify(before));

    await ada.editor.run(() => window.doc.saved());
    const late = own(await joinWithYjs(server.url, "room"));
    assert.deepEqual(late.body.toDelta(), await ada.editor.run(() => window.doc.text("body").toDelta()));
    assert.deepEqual(both.flatMap(({ errors }) => errors), []);
  });
}
