// Decides how the page with React is built, rendered on the server and opened, for each version of React.

import { build } from "esbuild";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { serve } from "../../../scripts/lib/static-server.mjs";

const PACKAGE = path.join(ROOT, "pkg");

/** By version: in the place of which package another one is bundled. */
export const REACTS = { 18: { react: "react18", "react-dom": "react-dom18" }, 19: {} };

/** Builds the page for each version of React, for the browser and for the server, and serves it on a free port. */
export async function serveReactPages() {
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-react-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const modules = path.join(folder, "node_modules");
    await mkdir(modules);
    // Found by its name and its exports, as after `npm install`.
    await symlink(PACKAGE, path.join(modules, "syncline"), "junction");
    for (const version of Object.keys(REACTS)) await bundle(folder, modules, version);
    const { url, close } = await serve({ folders: { "/": folder } });
    return {
      /** Where the page is for a version of React, with `props` for its app. */
      address: (version, props, page = "index") => `${url}/${version}/${page}.html?${new URLSearchParams({ props: JSON.stringify(props) })}`,
      /** What the server makes of the app. The page "rendered" begins with it. */
      render: (version, props) => render(folder, version, props),
      close: () => close().finally(remove),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Opens the page; what is run in it sees `window.app`. */
export async function openReactPage(browser, address) {
  const { page, errors, close } = await browser.visit(address);
  const warnings = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  await page.waitForFunction(() => window.app !== undefined);
  return new ReactPage(page, { errors, warnings }, close);
}

async function bundle(folder, modules, version) {
  const common = {
    absWorkingDir: ROOT,
    nodePaths: [modules],
    alias: REACTS[version],
    jsx: "automatic",
    bundle: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  };
  const entry = (name) => [path.join("tests", "e2e", "pages", name)];
  const out = path.join(folder, version);
  await build({ ...common, entryPoints: entry("react.jsx"), outdir: out });
  await build({
    ...common,
    entryPoints: entry("react-server.jsx"),
    outfile: path.join(out, "server.mjs"),
    platform: "node",
    // What is not a module asks for those of Node at run time.
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
  });
  await writeFile(path.join(out, "index.html"), pageWith(""));
}

async function render(folder, version, props) {
  const { render } = await import(pathToFileURL(path.join(folder, version, "server.mjs")));
  const html = render(props);
  await writeFile(path.join(folder, version, "rendered.html"), pageWith(html));
  return html;
}

function pageWith(html) {
  const head = `<meta charset="utf-8" /><title>React</title><link rel="icon" href="data:," />`;
  const body = `<div id="root">${html}</div><script type="module" src="react.js"></script>`;
  return `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>\n`;
}

class ReactPage {
  constructor(page, { errors, warnings }, close) {
    this.page = page;
    /** The errors and the warnings that the page reported so far. */
    this.errors = errors;
    this.warnings = warnings;
    this.close = close;
  }

  run(work, argument) {
    return this.page.evaluate(work, argument);
  }

  /** Gives the app other props; resolves when it is rendered with them. */
  set(props) {
    return this.run((props) => window.app.set(props), props);
  }

  /** Resolves when `condition`, asked in the page at every frame, holds. */
  async until(condition, argument) {
    try {
      await this.page.waitForFunction(condition, argument);
    } catch (error) {
      const state = await this.run(() => document.body.innerText);
      throw new Error(`${error.message}\nin the page: ${state}, ${this.errors}`);
    }
  }

  /** Resolves when the element `id` shows `text`. */
  shows(id, text) {
    return this.until(([id, text]) => document.getElementById(id)?.textContent === text, [id, text]);
  }
}
