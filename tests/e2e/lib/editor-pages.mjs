// Decides how the pages with real editors are built and opened: bundled with the built package, as an app bundles it.

import { build } from "esbuild";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/static-server.mjs";

const PACKAGE = path.join(ROOT, "pkg");

/** Builds the pages `names` of tests/e2e/pages and serves them on a free port. */
export async function serveEditorPages(names) {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-editors-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await bundle(folder, names);
    const { url, close } = await serve({ folders: { "/": path.join(folder, "pages") } });
    return { url, close: () => close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Opens the page `name` as `person`, and resolves when its editor can be used. What else is given, the page is asked for. */
export async function openEditor(browser, pages, name, { server, room, person, ...more }) {
  const query = new URLSearchParams({ server, room, name: person, ...more });
  const { page, errors, close } = await browser.visit(`${pages.url}/${name}.html?${query}`);
  const editor = new EditorPage(page, errors, close);
  await editor.ready();
  return editor;
}

async function bundle(folder, names) {
  const [pages, modules] = ["pages", "node_modules"].map((name) => path.join(folder, name));
  for (const made of [pages, modules]) await mkdir(made);
  // Found by its name and its exports, as after `npm install`.
  await symlink(PACKAGE, path.join(modules, "syncline"), "junction");
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: names.map((name) => path.join("tests", "e2e", "pages", `${name}.js`)),
    outdir: pages,
    nodePaths: [modules],
    // The entry that asks for the wasm file, which is put beside the scripts; see docs/packaging.md.
    conditions: ["module", "webpack"],
    bundle: true,
    format: "esm",
    target: "es2022",
    loader: { ".ttf": "dataurl" },
    logLevel: "warning",
    metafile: true,
  });
  await copyFile(path.join(PACKAGE, "dist", "syncline_bg.wasm"), path.join(pages, "syncline_bg.wasm"));
  const styled = new Set(Object.keys(metafile.outputs).filter((file) => file.endsWith(".css")).map((file) => path.basename(file, ".css")));
  for (const name of names) await writeFile(path.join(pages, `${name}.html`), pageWith(name, styled));
}

function pageWith(name, styled) {
  const style = styled.has(name) ? `<link rel="stylesheet" href="${name}.css" />` : "";
  const head = `<meta charset="utf-8" /><title>${name}</title><link rel="icon" href="data:," />${style}`;
  return `<!doctype html><html lang="en"><head>${head}<script type="module" src="${name}.js"></script></head><body></body></html>\n`;
}

/** Where keys are typed; Monaco has a field of its own beside what it shows. */
const INPUT = "[contenteditable=true], .monaco-editor textarea";

/** What is run in the page sees `window.doc` and `window.text()`, what the editor shows. */
class EditorPage {
  constructor(page, errors, close) {
    this.page = page;
    /** The errors that the page reported so far. */
    this.errors = errors;
    this.close = close;
  }

  /** Resolves when the editor can be used. */
  ready() {
    return this.until((input) => window.doc !== undefined && document.querySelector(input), INPUT);
  }

  /** Presses the keys of `text` at the end of what is there. */
  typeAtEnd(text) {
    return this.#typeAt("Control+End", text);
  }

  typeAtStart(text) {
    return this.#typeAt("Control+Home", text);
  }

  async #typeAt(place, text) {
    await this.page.focus(INPUT);
    await this.page.keyboard.press(place);
    await this.page.keyboard.type(text);
  }

  press(key) {
    return this.page.keyboard.press(key);
  }

  run(work, argument) {
    return this.page.evaluate(work, argument);
  }

  /** Resolves when `condition`, asked in the page at every frame, holds. */
  async until(condition, argument) {
    try {
      await this.page.waitForFunction(condition, argument);
    } catch (error) {
      const state = await this.run(() => [window.text?.(), window.doc?.status]);
      throw new Error(`${error.message}\nin the page: ${JSON.stringify(state)}, ${this.errors}`);
    }
  }

  shows(text) {
    return this.until((wanted) => window.text() === wanted, text);
  }
}
