// Decides how a test handles a page that has a document and no user interface.

import { WatchedPage } from "./watched-page.mjs";

/**
 * Opens the bare page in a context of its own, and in it the room `room` of `server`.
 * @returns {Promise<BarePage>}
 */
export async function openBarePage(browser, pages, server, room, options = {}) {
  const bare = await visitBarePage(browser, pages);
  await bare.run(([server, room, options]) => window.openDoc(server, room, options), [server, room, options]);
  return bare;
}

/** Opens the bare page without a document. */
export async function visitBarePage(browser, pages) {
  const visit = await browser.visit(pages.bare);
  await visit.page.waitForFunction(() => window.syncline !== undefined);
  return new BarePage(visit);
}

/** What is run in the page sees `window.doc`, its text `window.body`, and the history `window.statuses`. */
class BarePage extends WatchedPage {
  until(condition, argument, deadline = 60_000) {
    return super.until(condition, argument, deadline);
  }

  state() {
    return this.run(() => ({ status: window.doc?.status, text: window.doc && window.body.toString() }));
  }

  untilPhase(phase) {
    return this.until((wanted) => window.doc.status.phase === wanted, phase);
  }

  untilText(text) {
    return this.until((wanted) => window.body.toString() === wanted, text);
  }

  text() {
    return this.run(() => window.body.toString());
  }

  status() {
    return this.run(() => window.doc.status);
  }
}
