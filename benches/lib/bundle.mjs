// Decides what the page of each library is made of: what an app's bundler ships, minified, the wasm in a file of its own.

import { build } from "esbuild";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../../scripts/lib/run.mjs";
import { LIBRARIES, PEERS } from "./libraries.mjs";

const FOLDER = path.join(ROOT, "benches", "libraries");

/** The pages of a library: what each imports, and offers to those who measure. */
const PAGES = {
  index: (name) => `import { kit } from "./kit.js"; import { library } from "./${name}.js"; Object.assign(window, { kit, library });`,
  opening: (name) => `import { library } from "./${name}.js"; import { openFirst } from "./opening.js"; openFirst(library);`,
  online: (name) => `${PAGES.index(name)} import * as online from "./online/${name}.js"; Object.assign(window, online);`,
};

/** Writes `<name>/index.html` and `<name>/online.html` for each of `names` into `outdir`. */
export async function bundlePages(outdir, names) {
  for (const name of names) {
    const folder = path.join(outdir, name);
    await mkdir(folder, { recursive: true });
    for (const [page, contents] of Object.entries(PAGES)) {
      await bundle({ stdin: { contents: contents(name), resolveDir: FOLDER }, outfile: path.join(folder, `${page}.js`) });
      await writeFile(path.join(folder, `${page}.html`), htmlWith(`${page}.js`));
    }
    if (LIBRARIES[name].wasm) await copyFile(LIBRARIES[name].wasm, path.join(folder, path.basename(LIBRARIES[name].wasm)));
  }
}

/** The script of a library and what connects it, and nothing of ours but the call of it. */
export async function bundleOnline(name) {
  const { outputFiles } = await bundle({ entryPoints: [path.join(FOLDER, "online", `${name}.js`)], write: false });
  return outputFiles[0].contents;
}

/** A page with one script. */
function htmlWith(script) {
  return `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="${script}"></script>`;
}

/** Bundles as apps are bundled; returns what esbuild does. */
function bundle(options) {
  return build({
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    // By this Vite tells the package that it ships the wasm file; without it the script would carry the wasm as text.
    define: { "import.meta.env.PROD": "true" },
    nodePaths: [path.join(PEERS, "node_modules"), path.join(ROOT, "node_modules")],
    // Streams its wasm, as an app would have it that minds its start. The peers' own import of it is meant as well.
    alias: { "loro-crdt": path.join(PEERS, "node_modules", "loro-crdt", "web", "index.js"), syncline: syncline() },
    plugins: [ywasmForBrowsers],
    logLevel: "error",
    ...options,
  });
}

/** The entry that bundlers take. */
function syncline() {
  return path.join(ROOT, "pkg", "dist", "index.bundled.js");
}

/** npm has ywasm for Node alone: reading the file becomes a function that fetches it, nothing else is touched. */
const ywasmForBrowsers = {
  name: "ywasm-for-browsers",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/ywasm\/ywasm\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const [glue] = source.split("const path = require('path')");
      const contents = `${glue.replace("const { TextDecoder, TextEncoder } = require(`util`);", "")}
module.exports.instantiate = async (url) => {
  wasm = (await WebAssembly.instantiateStreaming(fetch(url), imports)).instance.exports;
};`;
      return { contents, loader: "js" };
    });
  },
};
