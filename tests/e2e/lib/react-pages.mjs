// Decides how the page with React is built, rendered on the server and opened, for each version of React.

import { build } from "esbuild";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { BUNDLING, serveApp } from "./app-folder.mjs";
import { WatchedPage } from "./watched-page.mjs";

/** By version: in the place of which package another one is bundled. */
export const REACTS = { 18: { react: "react18", "react-dom": "react-dom18" }, 19: {} };

/** Builds the page for each version of React, for the browser and for the server, and serves it on a free port. */
export async function serveReactPages() {
  const { url, folder, close } = await serveApp(async (folder, nodePaths) => {
    for (const version of Object.keys(REACTS)) await bundle(folder, nodePaths, version);
  });
  return {
    /** Where the page is for a version of React, with `props` for its app. */
    address: (version, props, page = "index") => `${url}/${version}/${page}.html?${new URLSearchParams({ props: JSON.stringify(props) })}`,
    /** What the server makes of the app. The page "rendered" begins with it. */
    render: (version, props) => render(folder, version, props),
    close,
  };
}

/** Opens the page; what is run in it sees `window.app`. */
export async function openReactPage(browser, address) {
  const page = new ReactPage(await browser.visit(address));
  await page.until(() => window.app !== undefined);
  return page;
}

async function bundle(folder, nodePaths, version) {
  const common = { ...BUNDLING, nodePaths, alias: REACTS[version], jsx: "automatic" };
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

class ReactPage extends WatchedPage {
  /** The warnings that the page reported so far. */
  warnings = [];

  constructor(visit) {
    super(visit);
    this.page.on("console", (message) => message.type() === "warning" && this.warnings.push(message.text()));
  }

  /** Gives the app other props; resolves when it is rendered with them. */
  set(props) {
    return this.run((props) => window.app.set(props), props);
  }

  state() {
    return this.run(() => document.body.innerText).then((shown) => [shown, this.errors]);
  }

  /** Resolves when the element `id` shows `text`. */
  shows(id, text) {
    return this.until(([id, text]) => document.getElementById(id)?.textContent === text, [id, text]);
  }
}
