// Decides how the pages with real editors are built and opened: bundled with the built package, as an app bundles it.

import { build } from "esbuild";
import { copyFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { BUNDLING, PACKAGE, serveApp } from "./app-folder.mjs";
import { WatchedPage } from "./watched-page.mjs";

/** Builds the pages `names` of tests/e2e/pages and serves them on a free port. */
export function serveEditorPages(names) {
  return serveApp((folder, nodePaths) => bundle(folder, nodePaths, names));
}

/** Opens the page `name` as `person`, and resolves when its editor can be used. What else is given, the page is asked for. */
export async function openEditor(browser, pages, name, { server, room, person, ...more }) {
  const query = new URLSearchParams({ server, room, name: person, ...more });
  const editor = new EditorPage(await browser.visit(`${pages.url}/${name}.html?${query}`));
  await editor.ready();
  return editor;
}

async function bundle(folder, nodePaths, names) {
  const { metafile } = await build({
    ...BUNDLING,
    nodePaths,
    entryPoints: names.map((name) => path.join("tests", "e2e", "pages", `${name}.js`)),
    outdir: folder,
    // The entry that asks for the wasm file, which is put beside the scripts; see docs/packaging.md.
    conditions: ["module", "webpack"],
    loader: { ".ttf": "dataurl" },
    metafile: true,
  });
  await copyFile(path.join(PACKAGE, "dist", "syncline_bg.wasm"), path.join(folder, "syncline_bg.wasm"));
  const styled = new Set(Object.keys(metafile.outputs).filter((file) => file.endsWith(".css")).map((file) => path.basename(file, ".css")));
  for (const name of names) await writeFile(path.join(folder, `${name}.html`), pageWith(name, styled));
}

function pageWith(name, styled) {
  const style = styled.has(name) ? `<link rel="stylesheet" href="${name}.css" />` : "";
  const head = `<meta charset="utf-8" /><title>${name}</title><link rel="icon" href="data:," />${style}`;
  return `<!doctype html><html lang="en"><head>${head}<script type="module" src="${name}.js"></script></head><body></body></html>\n`;
}

/** Where keys are typed; Monaco has a field of its own beside what it shows. */
const INPUT = "[contenteditable=true], .monaco-editor textarea";

/** What is run in the page sees `window.doc` and `window.text()`, what the editor shows. */
class EditorPage extends WatchedPage {
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

  state() {
    return this.run(() => [window.text?.(), window.doc?.status]).then((seen) => [...seen, this.errors]);
  }

  shows(text) {
    return this.until((wanted) => window.text() === wanted, text);
  }
}
