// Decides how a test handles a form element that is bound to a text, in a tab of its own with nothing else.

import { after, before } from "node:test";
import { servePages } from "./pages.mjs";
import { startProfile } from "./profile.mjs";
import { visitTab } from "./tab.mjs";

/** The browsers that a form element is tested in. */
export const BROWSERS = ["chromium", "firefox"];

/**
 * Has the browsers run while the tests of a file do.
 * @returns what opens a tab in one of them: {@link openInputTab}, with the name of the browser first
 */
export function useBrowsers() {
  let pages;
  const profiles = {};
  before(async () => {
    pages = await servePages();
    for (const kind of BROWSERS) profiles[kind] = await startProfile(kind);
  });
  after(async () => {
    for (const profile of Object.values(profiles)) await profile.close();
    await pages?.close();
  });
  return (kind, own, options) => openInputTab(own, profiles[kind], pages, options);
}

/**
 * Opens a tab with an element that is bound to the text "body" of a document, which holds `content`. It has the focus.
 * What is run in the tab sees them as `window.element`, `window.body` and `window.doc`, and changes of the text in
 * `window.changes`; `window.remote(edit)` has somebody else edit the text.
 * @param {import("./profile.mjs").Profile} profile
 */
async function openInputTab(own, profile, pages, { tag = "textarea", attributes = {}, content = "" } = {}) {
  const tab = own(await visitTab(profile, pages));
  await tab.run(
    async (tag, attributes, content) => {
      const { bindInput } = await import("/pkg/dist/input.js");
      await window.openDoc("ws://127.0.0.1:9", "room", { connect: false });
      const another = await window.syncline.open("ws://127.0.0.1:9", "room", { connect: false });
      if (content !== "") window.body.insert(0, content);
      await window.doc.transact(() => {});
      window.changes = [];
      window.body.observe(({ delta, origin }) => window.changes.push({ delta, origin }));
      window.remote = (edit) => {
        another.applyUpdate(window.doc.encodeUpdate(another.stateVector()));
        edit(another.text("body"));
        window.doc.applyUpdate(another.encodeUpdate(window.doc.stateVector()));
        // What is told of it is told before this returns.
        window.doc.transact(() => {});
      };
      window.bindInput = bindInput;
      window.element = document.body.appendChild(Object.assign(document.createElement(tag), attributes));
      window.end = bindInput(window.body, window.element);
      window.element.focus();
      /** What is selected, as a text with "|" around it. */
      window.selected = () => {
        const { value, selectionStart: from, selectionEnd: to } = window.element;
        return `${value.slice(0, from)}|${from === to ? "" : `${value.slice(from, to)}|`}${value.slice(to)}`;
      };
    },
    tag,
    attributes,
    content,
  );
  return new InputTab(tab);
}

class InputTab {
  #tab;

  constructor(tab) {
    this.#tab = tab;
    this.page = tab.page;
    this.errors = tab.errors;
  }

  run(work, ...args) {
    return this.#tab.run(work, ...args);
  }

  devtools() {
    return this.#tab.devtools();
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  /** Presses keys, such as `"Control", "z"`: all but the last are held. */
  async press(...keys) {
    const [key, ...held] = keys.reverse();
    for (const modifier of held) await this.page.keyboard.down(modifier);
    await this.page.keyboard.press(key);
    for (const modifier of held) await this.page.keyboard.up(modifier);
  }

  select(from, to = from, direction = "forward") {
    return this.run((from, to, direction) => window.element.setSelectionRange(from, to, direction), from, to, direction);
  }

  /** Has the browser insert `text` in place of the selection, as pasting and correcting do. */
  paste(text) {
    return this.run((text) => void document.execCommand("insertText", false, text), text);
  }

  /** What the element shows, with the selection in it, and what the text is. */
  state() {
    return this.run(() => [window.selected(), window.body.toString()]);
  }

  selected() {
    return this.run(() => window.selected());
  }

  /** The deltas of the changes since the last call. */
  deltas() {
    return this.run(() => window.changes.splice(0).map(({ delta }) => delta));
  }
}
