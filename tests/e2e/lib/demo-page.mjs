// Decides how a test handles the demo page as a person does: by what is seen, the keyboard and the mouse.

/**
 * Opens the demo page in a context of its own.
 * @param {{ room?: string, server?: string, seed?: number, context?: object }} [where] `server` overrides the one that
 *   the page is told; `seed` decides the names and colours, which are random without
 */
export async function openDemo(browser, pages, { room = "welcome", server, seed, context } = {}) {
  const url = new URL(pages.demo);
  if (server !== undefined) url.searchParams.set("server", server);
  url.hash = room;
  const visit = await browser.visit(url.href, context, seed === undefined ? undefined : { "syncline-demo:seed": String(seed) });
  const demo = new DemoPage(visit);
  await demo.ready();
  return demo;
}

/** One window with its two panes. */
class DemoPage {
  constructor({ page, errors, close }) {
    this.page = page;
    /** The errors that the page reported so far. */
    this.errors = errors;
    this.close = close;
    this.a = new Pane(page, "a");
    this.b = new Pane(page, "b");
    this.panes = [this.a, this.b];
  }

  async ready() {
    await this.b.editor.waitFor();
  }

  /** Opens the same page in another tab of the same browser; it closes with this one. */
  async anotherTab() {
    const page = await this.page.context().newPage();
    await page.goto(this.page.url());
    const tab = new DemoPage({ page, errors: this.errors, close: () => page.close() });
    await tab.ready();
    return tab;
  }

  /** Loads the page again, as the same tab. */
  async reload() {
    await this.page.reload();
    await this.ready();
  }
}

/** One pane: a person with a document. */
class Pane {
  constructor(page, key) {
    this.page = page;
    this.key = key;
    this.root = page.locator(`[data-pane="${key}"]`);
    const part = (name) => this.root.getByTestId(name);
    this.editor = part("editor");
    this.status = part("status");
    this.cut = part("cut");
    this.retry = part("retry");
    this.reason = part("reason");
    this.todoInput = part("todo-input");
    this.todos = part("todo-item");
    this.people = part("people");
    this.name = part("name");
  }

  /** Types at the end of the text, a key at a time. */
  async type(text) {
    await this.editor.focus();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.type(text);
  }

  async addTodo(label) {
    await this.todoInput.fill(label);
    await this.todoInput.press("Enter");
  }

  /** Presses "Try now" where it is still shown: the pane may be connected again at any moment. */
  async tryNow() {
    await this.retry.evaluate((button) => button.checkVisibility() && button.click());
  }

  todo(label) {
    return this.todos.filter({ hasText: label });
  }

  /** Resolves with what the pane shows (see {@link look}) as soon as `condition` of it holds. */
  async until(condition, deadline = 60_000) {
    const expired = aborted(AbortSignal.timeout(deadline));
    let shown;
    while (!(shown && condition(shown))) {
      shown = await Promise.race([this.#next(shown), expired]);
      if (shown === undefined) break;
    }
    if (shown) return shown;
    const state = JSON.stringify(await this.shown(), undefined, 2);
    throw new Error(`not within ${deadline / 1000} s: ${condition}\npane ${this.key} shows: ${state}`);
  }

  /** What the pane shows. */
  shown() {
    return this.#next(undefined);
  }

  untilText(text) {
    return this.until((shown) => shown.text === text);
  }

  untilPhase(phase) {
    return this.until((shown) => shown.phase === phase);
  }

  untilSaved() {
    return this.until(({ phase, unsynced }) => phase === "synced" && unsynced === 0);
  }

  /** What the pane shows as soon as it differs from `previous`. The page allows no eval, so no waitForFunction. */
  #next(previous) {
    return this.page.evaluate(look, { key: this.key, previous: previous && JSON.stringify(previous) });
  }
}

/** Runs in the page: what a pane shows, asked at every frame until it is not what was seen before. */
async function look({ key, previous }) {
  const pane = document.querySelector(`[data-pane="${key}"]`);
  const part = (name) => pane.querySelector(`[data-testid="${name}"]`);
  // Quill keeps the format of what will be typed next in an empty element at the caret.
  const bare = (element) => {
    const copy = element.cloneNode(true);
    for (const caret of copy.querySelectorAll(".ql-cursor")) caret.remove();
    return copy;
  };
  const clean = (text) => text.replaceAll("\uFEFF", "");
  const see = () => {
    const editor = bare(part("editor"));
    const { phase, unsynced } = part("status").dataset;
    return {
      text: [...editor.children].map((line) => clean(line.textContent)).join("\n"),
      html: clean(editor.innerHTML),
      phase,
      unsynced: Number(unsynced),
      status: part("status").textContent,
      reason: part("reason").textContent,
      cut: part("cut").getAttribute("aria-checked") === "true",
      todos: [...pane.querySelectorAll('[data-testid="todo-item"]')].map((item) => ({
        label: item.querySelector(".todo-label").textContent,
        done: item.querySelector("input").checked,
      })),
      people: [...part("people").querySelectorAll("li")].map((person) => person.title).filter(Boolean),
    };
  };
  for (;;) {
    const shown = see();
    if (JSON.stringify(shown) !== previous) return shown;
    await new Promise((next) => requestAnimationFrame(next));
  }
}

/** Resolves, with nothing, when the signal is aborted. */
function aborted(signal) {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}
