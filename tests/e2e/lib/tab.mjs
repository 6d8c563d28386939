// Decides how a test handles a tab that has a document and no user interface, in a browser whose tabs share what is stored.

/**
 * Opens a tab with the bare page, and in it the room `room` of `server`.
 * @param {import("./profile.mjs").Profile} profile
 * @returns {Promise<Tab>}
 */
export async function openTab(profile, pages, server, room, options = {}) {
  const tab = await visitTab(profile, pages);
  await tab.open(server, room, options);
  return tab;
}

/**
 * Opens a tab with the bare page, without a document.
 * @param {() => void} [before] runs in the page before anything else
 */
export async function visitTab(profile, pages, before) {
  const page = await profile.newTab();
  if (before) await page.evaluateOnNewDocument(before);
  const tab = new Tab(page);
  await tab.visit(pages.bare);
  return tab;
}

/** What the device has of a room, read by a tab that knows none of the others. */
export async function textOnDevice(own, profile, pages, server, room) {
  const options = { store: true, connect: false, tabs: false, storeTimeout: 60_000 };
  return own(await openTab(profile, pages, server, room, options)).text();
}

/** What came of a call that makes the page go, which need not say. */
export const goes = (call) => call.catch(() => {});

/** What is run in the page sees `window.doc`, its text `window.body`, and the histories `window.statuses` and `problems`. */
class Tab {
  constructor(page) {
    this.page = page;
    /** The exceptions that the page reported so far. */
    this.errors = [];
    page.on("pageerror", (error) => this.errors.push(String(error.stack ?? error)));
  }

  /** Opens the document of the page. */
  async open(server, room, options = {}) {
    await this.run((server, room, options) => window.openDoc(server, room, options), server, room, options);
  }

  /** Runs `work` in the page. */
  run(work, ...args) {
    return this.page.evaluate(work, ...args);
  }

  /**
   * Resolves with the first truthy value of `condition(argument)`, asked in the page now and at all news of its
   * document. Hidden tabs draw no frames and their timers are slow, so neither is what is waited for.
   */
  until(condition, argument, deadline = 60_000) {
    return this.page.evaluate(`window.until(${condition}, ${JSON.stringify(argument)}, ${deadline})`);
  }

  untilText(text) {
    return this.until((wanted) => window.body.toString() === wanted, text);
  }

  /** Resolves when the server holds every edit and the tab knows. */
  untilSaved() {
    return this.until(() => window.doc.status.phase === "synced" && window.doc.status.unsynced === 0);
  }

  /** Resolves when every edit is on the device and the tab knows. */
  untilStored() {
    return this.until(() => window.doc.status.unstored === 0);
  }

  /** Resolves when this tab has the connection. */
  untilLeading() {
    return this.until(() => window.doc.status.tab?.number === window.doc.status.tab?.leader && window.doc.status.tab);
  }

  /** Resolves when another tab has the connection. */
  untilFollowing() {
    return this.until(() => window.doc.status.tab && window.doc.status.tab.number !== window.doc.status.tab.leader);
  }

  /** Writes `text` at the end. */
  write(text) {
    return this.run((text) => window.body.insert(window.body.length, text), text);
  }

  text() {
    return this.run(() => window.body.toString());
  }

  status() {
    return this.run(() => window.doc.status);
  }

  async visit(url) {
    await this.page.goto(url);
  }

  /** Writes `text` and leaves for `url`, in one task. Whoever wants to know whether the page is left has to look. */
  async writeAndLeave(text, url) {
    await goes(
      this.run((text, url) => {
        if (text) window.body.insert(window.body.length, text);
        location.href = url;
      }, text, url),
    );
  }

  /** Goes to another page and has `work` done there; then goes back, and says whether the page was kept as it was. */
  async away(url, work = () => {}) {
    await this.run(() => {
      window.wasKept = undefined;
      addEventListener("pageshow", ({ persisted }) => (window.wasKept = persisted), { once: true });
    });
    const left = this.page.url();
    await this.visit(url);
    await work();
    // Not `page.goBack()`: it waits for what does not happen when Firefox shows a page that was kept.
    await this.run(() => void setTimeout(() => history.back()));
    const deadline = performance.now() + 60_000;
    while (performance.now() < deadline) {
      // Asked in the middle of it, no page answers.
      const ask = () => ({ url: location.href, isThere: document.readyState === "complete", wasKept: window.wasKept });
      const { url, isThere, wasKept } = await this.run(ask).catch(() => ({}));
      if (url === left && isThere) return wasKept;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`not back at ${left} within 60 s`);
  }

  async reload() {
    await this.page.reload();
  }

  /** Shows the tab in front of the others. */
  show() {
    return this.page.bringToFront();
  }

  /** What only Chromium can do: its own protocol, for this tab. */
  devtools() {
    return this.page.createCDPSession();
  }

  /** Closes the tab, as its user does. */
  async close() {
    if (!this.page.isClosed()) await this.page.close();
  }
}
