// Decides how a test handles a page that has a document and no user interface.

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
  const { page, errors, close } = await browser.visit(pages.bare);
  await page.waitForFunction(() => window.syncline !== undefined);
  return new BarePage(page, errors, close);
}

/** What is run in the page sees `window.doc`, its text `window.body`, and the history `window.statuses`. */
class BarePage {
  constructor(page, errors, close) {
    this.page = page;
    /** The errors that the page reported so far. */
    this.errors = errors;
    this.close = close;
  }

  /** Runs `work` in the page with one argument. */
  run(work, argument) {
    return this.page.evaluate(work, argument);
  }

  /** Resolves when `condition`, asked in the page at every frame, holds. */
  async until(condition, argument, deadline = 60_000) {
    try {
      await this.page.waitForFunction(condition, argument, { timeout: deadline });
    } catch (error) {
      const state = await this.run(() => ({ status: window.doc?.status, text: window.doc && window.body.toString() }));
      throw new Error(`${error.message}\nin the page: ${JSON.stringify(state)}`);
    }
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
