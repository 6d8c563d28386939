// Decides how a test looks into a page: by what it runs there, and by waiting for what comes to hold.

/** A page of a test; what it is about is said by those that extend this. */
export class WatchedPage {
  /** @param {{ page: object, errors: string[], close: () => Promise<void> }} visit what the browser answered to `visit` */
  constructor({ page, errors, close }) {
    this.page = page;
    /** The errors that the page reported so far. */
    this.errors = errors;
    this.close = close;
  }

  /** Runs `work` in the page with one argument. */
  run(work, argument) {
    return this.page.evaluate(work, argument);
  }

  /**
   * Resolves when `condition`, asked in the page at every frame, holds; else the error says what `state()` does. Without a
   * `deadline` it is that of the browser.
   */
  async until(condition, argument, deadline) {
    try {
      await this.page.waitForFunction(condition, argument, { timeout: deadline });
    } catch (error) {
      throw new Error(`${error.message}\nin the page: ${JSON.stringify(await this.state(), undefined, 2)}`);
    }
  }
}
