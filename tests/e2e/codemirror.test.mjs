// Two people in CodeMirror over Syncline and one over Yjs, in one room: what they write, where they are, what they undo.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { openEditor, serveEditorPages } from "./lib/editor-pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";

const [NATIVE, YJS] = ["native-codemirror", "y-codemirror"];

let pages;
let browser;
before(async () => {
  pages = await serveEditorPages([NATIVE, YJS]);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

/** A room with Ada and Bob in native pages and Eve in one of Yjs, all synced. */
async function openRoom(t) {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const join = async (page, person, more = {}) =>
    own(await openEditor(browser, pages, page, { server: server.url, room: "room", person, ...more }));
  const ada = await join(NATIVE, "ada", { server: proxy.url, steps: "told" });
  const bob = await join(NATIVE, "bob");
  const eve = await join(YJS, "eve");
  const all = [ada, bob, eve];
  const allShow = (text) => Promise.all(all.map((editor) => editor.shows(text)));
  return { ada, bob, eve, all, allShow, proxy };
}

/** Resolves when the native page `editor` shows carets with exactly these names. */
function seesNames(editor, ...names) {
  return editor.until((wanted) => {
    const shown = [...document.querySelectorAll(".cm-syncline-name")].map((element) => element.textContent);
    return JSON.stringify(shown.sort()) === wanted;
  }, JSON.stringify(names.sort()));
}

/** Resolves when the page of Yjs shows carets with exactly these names. */
function seesNamesInYjs(editor, ...names) {
  return editor.until((wanted) => {
    const shown = [...document.querySelectorAll(".cm-ySelectionInfo")].map((element) => element.textContent);
    return JSON.stringify(shown.sort()) === wanted;
  }, JSON.stringify(names.sort()));
}

/** Resolves when the only caret in the native page `editor` stands before the character `index`. */
function seesCaretAt(editor, index) {
  return editor.until((index) => {
    const [caret, ...more] = document.querySelectorAll(".cm-syncline-caret");
    if (!caret || more.length > 0) return false;
    const [found, wanted] = [caret.getBoundingClientRect(), window.view.coordsAtPos(index)];
    return Math.abs(found.left + 1 - wanted.left) <= 1.5 && Math.abs(found.top - wanted.top) <= 1.5;
  }, index);
}

test("three people write, one loses the network and comes back", async (t) => {
  const { ada, bob, eve, all, allShow, proxy } = await openRoom(t);

  await ada.typeAtEnd("Ada 😀");
  await allShow("Ada 😀");
  await eve.typeAtEnd(" Eve\nsecond line");
  await allShow("Ada 😀 Eve\nsecond line");
  await bob.typeAtStart("Bob ");
  await allShow("Bob Ada 😀 Eve\nsecond line");

  await proxy.goDown();
  await ada.until(() => window.doc.status.phase !== "synced");
  await ada.typeAtEnd("!");
  await bob.typeAtStart("> ");
  await bob.run(() => window.doc.saved());
  await ada.until(() => window.doc.status.unsynced > 0);
  proxy.restore();
  await allShow("> Bob Ada 😀 Eve\nsecond line!");

  for (const editor of [ada, bob]) assert.equal(await editor.run(() => String(window.body)), await editor.run(() => window.text()));
  assert.deepEqual(all.flatMap(({ errors }) => errors), []);
});

test("everybody sees where the others are, by name", async (t) => {
  const { ada, bob, eve, all, allShow } = await openRoom(t);
  await ada.typeAtEnd("One 😀 two\nthree");
  await allShow("One 😀 two\nthree");
  await seesNames(bob, "ada");
  await seesCaretAt(bob, 16);
  // The caret of y-codemirror.next is at the end too, where it names no character.
  await seesNamesInYjs(eve, "ada");

  await eve.typeAtStart("");
  await seesNames(ada, "eve");
  await seesCaretAt(ada, 0);
  await eve.press("Shift+Control+ArrowRight");
  await ada.until(() => document.querySelectorAll(".cm-syncline-selection").length === 1);
  await seesCaretAt(ada, 3);

  await bob.typeAtStart("");
  await bob.press("ArrowDown");
  await bob.press("End");
  await seesNames(ada, "bob", "eve");
  await seesNamesInYjs(eve, "ada", "bob");
  await bob.press("Control+a");
  await ada.until(() => document.querySelectorAll(".cm-syncline-selection").length >= 3);
  await eve.until(() => document.querySelectorAll(".cm-ySelection").length >= 2);

  // What is written before a caret moves it along.
  await ada.typeAtStart("");
  await bob.run(() => window.view.contentDOM.blur());
  await seesNames(ada, "eve");
  await ada.press("Home");
  await ada.page.keyboard.type("__");
  await seesCaretAt(ada, 5);

  await eve.close();
  await seesNames(ada);
  await seesNames(bob, "ada");
  await bob.run(() => window.doc.disconnect());
  await seesNames(bob);
  await bob.run(() => window.doc.connect());
  await seesNames(bob, "ada");
  await ada.run(() => window.doc.close());
  await seesNames(bob);
  assert.deepEqual(all.flatMap(({ errors }) => errors), []);
});

test("a name fades, and is there again for whoever points at the caret", async (t) => {
  const { ada, bob } = await openRoom(t);
  await ada.typeAtEnd("text");
  await seesNames(bob, "ada");
  await bob.run(() => document.querySelector(".cm-syncline-name").getAnimations().forEach((fading) => fading.finish()));
  const hasOpacity = (opacity) =>
    bob.until((wanted) => getComputedStyle(document.querySelector(".cm-syncline-name")).opacity === wanted, opacity);
  await hasOpacity("0");
  const { x, y, width, height } = await bob.page.locator(".cm-syncline-caret").boundingBox();
  await bob.page.mouse.move(x + width / 2, y + height / 2);
  await hasOpacity("1");
  await bob.page.mouse.move(0, 0);
  await hasOpacity("1");
  // It is shown anew when its owner moves.
  await bob.run(() => document.querySelector(".cm-syncline-name").getAnimations().forEach((fading) => fading.finish()));
  await hasOpacity("0");
  await ada.typeAtEnd("!");
  await hasOpacity("1");
});

test("undo takes back what was written here, and selects what was selected then", async (t) => {
  const { ada, bob, all, allShow } = await openRoom(t);
  const nextStep = () => ada.run(() => window.undo.stopCapturing());
  const selected = () =>
    ada.run(() => {
      const { from, to } = window.view.state.selection.main;
      return window.view.state.sliceDoc(from, to);
    });
  await ada.typeAtEnd("Hello brave 😀 world");
  await bob.shows("Hello brave 😀 world");
  await bob.typeAtStart("Bob: ");
  await allShow("Bob: Hello brave 😀 world");

  await nextStep();
  await ada.run(() => window.view.dispatch({ selection: { anchor: 20, head: 11 } }));
  assert.equal(await selected(), "brave 😀 ");
  await ada.page.keyboard.type("new ");
  await nextStep();
  await bob.shows("Bob: Hello new world");
  await bob.typeAtEnd("!");
  await ada.shows("Bob: Hello new world!");

  await ada.press("Control+Home");
  await ada.press("Control+z");
  await allShow("Bob: Hello brave 😀 world!");
  assert.equal(await selected(), "brave 😀 ");
  await ada.press("Control+y");
  await allShow("Bob: Hello new world!");
  await ada.run(() => {
    const undo = new InputEvent("beforeinput", { inputType: "historyUndo", bubbles: true, cancelable: true });
    window.view.contentDOM.dispatchEvent(undo);
  });
  await allShow("Bob: Hello brave 😀 world!");
  await ada.press("Control+Shift+Z");
  await allShow("Bob: Hello new world!");

  // Nothing of anybody else is undone, however often it is asked for.
  for (let presses = 0; presses < 5; presses += 1) await ada.press("Control+z");
  await allShow("Bob: !");
  for (let presses = 0; presses < 12; presses += 1) await bob.press("Control+z");
  await allShow("");
  for (let presses = 0; presses < 5; presses += 1) await ada.press("Control+y");
  await allShow("Hello new world");
  assert.deepEqual(all.flatMap(({ errors }) => errors), []);
});

test("a name that is markup, a colour that is none and a cursor that is nonsense harm nobody", async (t) => {
  const { ada, bob, all, allShow } = await openRoom(t);
  await ada.typeAtEnd("text");
  await allShow("text");
  const show = (presence) => bob.run((presence) => window.doc.presence.set(presence), presence);
  const cursor = await bob.run(() => window.body.cursor(2));
  const here = { anchor: cursor, head: cursor };

  await show({ cursor: here, user: { name: "<img src=x onerror=alert(1)>", color: "red;background:url(//x)" } });
  await seesNames(ada, "<img src=x onerror=alert(1)>");
  const background = () => getComputedStyle(document.querySelector(".cm-syncline-caret")).background;
  assert.doesNotMatch(await ada.run(background), /url/);
  await show({ cursor: here, user: { name: 7, color: "hsl(120, 100%, 50%)" } });
  await seesNames(ada, "Anonymous");
  // Bright green is too light to be seen on white.
  const color = await ada.run(() => getComputedStyle(document.querySelector(".cm-syncline-caret")).backgroundColor);
  assert.match(color, /^rgb\(0, 1\d\d, 0\)$/);
  for (const nonsense of [7, [], {}, { anchor: null, head: {} }, { anchor: { item: "x" }, head: { tname: 1, assoc: {} } }]) {
    await show({ cursor: nonsense, user: nonsense });
    await seesNames(ada);
    await show({ cursor: here });
    await seesNames(ada, "Anonymous");
  }
  await show(null);
  await seesNames(ada);
  await ada.typeAtEnd("!");
  await allShow("text!");
  // What y-codemirror.next makes of nonsense is its own matter.
  assert.deepEqual(all.slice(0, 2).flatMap(({ errors }) => errors), []);
});

test("a view is bound to another text, to none, and to the first again", async (t) => {
  const { ada, bob, allShow } = await openRoom(t);
  await ada.typeAtEnd("first");
  await allShow("first");
  await seesNames(bob, "ada");

  await ada.run(() => window.bindTo("other"));
  await ada.shows("");
  await seesNames(bob);
  await ada.typeAtEnd("second");
  await bob.typeAtEnd("!");
  await ada.until(() => String(window.body) === "first!");
  assert.equal(await ada.run(() => window.text()), "second");

  await ada.run(() => window.bindTo(undefined));
  await ada.typeAtEnd(", for me alone");
  await ada.run(() => window.bindTo("codemirror"));
  await ada.shows("first!");
  await ada.typeAtEnd("?");
  await allShow("first!?");
  await seesNames(bob, "ada");
  // The undo of this binding knows what was written over it alone.
  for (let presses = 0; presses < 3; presses += 1) await ada.press("Control+z");
  await allShow("first!");
  assert.equal(await ada.run(() => String(window.doc.text("other"))), "second");
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("a view lets go of the text when it is taken away, and takes no input once there is no text", async (t) => {
  const { ada, bob, allShow } = await openRoom(t);
  await ada.typeAtEnd("text");
  await allShow("text");
  await seesNames(bob, "ada");

  await ada.run(() => window.view.destroy());
  await seesNames(bob);
  await bob.typeAtEnd("!");
  await ada.until(() => String(window.body) === "text!");
  assert.equal(await ada.run(() => window.text()), "text");

  await bob.run(() => window.doc.close());
  await bob.until(() => window.view.state.readOnly);
  await bob.page.keyboard.type("lost");
  assert.equal(await bob.run(() => window.text()), "text!");
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("pasted lines are lines, whatever separates them, and what is in the text stays as it is", async (t) => {
  const { ada, bob } = await openRoom(t);
  await bob.run(() => window.body.insert(0, "a\r\nb\n"));
  await ada.shows("a\r\nb\n");
  await ada.typeAtEnd("c");
  await ada.run(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "\r\nd\r\ne");
    window.view.contentDOM.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await bob.shows("a\r\nb\nc\nd\ne");
  assert.equal(await ada.run(() => String(window.body)), "a\r\nb\nc\nd\ne");
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});
