// Decides how the demo page is put together: one bundle of script, one of style, the page, and the wasm file beside the script.
//
// `npm start` calls `buildDemo`; `node www/build.mjs` does the same by hand. It needs the built package (pkg/) and nothing from the network.

import { build } from "esbuild";
import { copyFile, mkdir, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

/**
 * Builds the demo into `outDir` and returns that directory.
 *
 * @param {object} [options]
 * @param {(line: string) => void} [options.log] told what was built, one line at a time
 * @param {string} [options.outDir] emptied first; www/dist unless told
 * @param {string} [options.packageDir] the built npm package; pkg unless told
 */
export async function buildDemo({
  log = () => {},
  outDir = join(here, "dist"),
  packageDir = join(root, "pkg"),
} = {}) {
  const entry = join(packageDir, "dist", "index.browser.js");
  const wasm = join(packageDir, "dist", "syncline_bg.wasm");
  for (const file of [entry, wasm]) {
    if (!(await exists(file))) throw new Error(`${relative(root, file)} is missing: build the package first (npm start does)`);
  }

  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: join(here, "src", "main.ts"), style: join(here, "style.css") },
    outdir: outDir,
    alias: { syncline: entry },
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: true,
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
  await copyFile(join(here, "index.html"), join(outDir, "index.html"));
  await copyFile(wasm, join(outDir, "syncline_bg.wasm"));
  // As plain text, because browsers download what they are told is Markdown.
  const readme = join(root, "README.md");
  if (await exists(readme)) await copyFile(readme, join(outDir, "README.txt"));

  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    if (/\.(js|css)$/.test(file)) log(`${file} ${Math.ceil(bytes / 1024)} kB`);
  }
  return outDir;
}

/** @param {string} file */
async function exists(file) {
  return stat(file).then(
    () => true,
    () => false,
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildDemo({ log: console.log }).catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
