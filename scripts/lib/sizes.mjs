// Decides how the size of the npm package is measured, and how large it may be.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** What an app should have to download for the main entry at most: wasm and JavaScript, both in brotli. */
const BUDGET = 140_000;

/** What it must not exceed meanwhile; a test of the package fails above it. To be lowered with every gain. */
export const CEILING = 286_000;

/** How much more it may be where Rust's standard library could not be compiled for size. See small-std.mjs. */
const ORDINARY_STD_EXTRA = 16_000;

/** What the download must not exceed with the standard library it was compiled with. */
export function ceiling(std) {
  return std === "small" ? CEILING : CEILING + ORDINARY_STD_EXTRA;
}

/** The entry that the budget is about. */
const MAIN = "syncline";

/**
 * @typedef {{ raw: number, gzip: number, brotli: number }} Size in bytes
 * @typedef {Record<string, Size>} Sizes by what was measured
 */

/**
 * Measures the wasm file and, for each entry, the JavaScript as an app's bundler ships it: in one file and minified.
 * @param {{ wasm: string, entries: Record<string, string> }} files entries by the name they are imported by
 * @returns {Promise<Sizes>}
 */
export async function measure({ wasm, entries }) {
  const { build } = await import("esbuild");
  const sizes = { [path.basename(wasm)]: sizeOf(await readFile(wasm)) };
  for (const [name, entry] of Object.entries(entries)) {
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      // The bridges are for apps that have Yjs, React or CodeMirror, and count beside the main entry.
      external: ["node:*", "yjs", "y-protocols/*", "react", "@codemirror/*", "./index.*"],
      write: false,
      logLevel: "silent",
    });
    sizes[name] = sizeOf(outputFiles[0].contents);
  }
  return sizes;
}

/** What an app downloads for the main entry. */
export function downloadOf(measured, wasm) {
  return sum(measured[path.basename(wasm)], measured[MAIN]);
}

/** Prints a table, and how far the main entry is from its budget. */
export function reportSizes(log, measured, wasm) {
  const total = downloadOf(measured, wasm);
  const rows = Object.entries({ ...measured, [`${MAIN} + wasm`]: total });
  const width = Math.max(...rows.map(([name]) => name.length));
  log.info(`  ${"".padEnd(width)} ${["raw", "gzip", "brotli"].map((head) => head.padStart(9)).join(" ")}`);
  for (const [name, size] of rows) {
    const cells = [size.raw, size.gzip, size.brotli].map((bytes) => kilobytes(bytes).padStart(9));
    log.info(`  ${name.padEnd(width)} ${cells.join(" ")}`);
  }
  const distance = BUDGET - total.brotli;
  const words = distance < 0 ? "more than" : "less than";
  log.info(`  That is ${kilobytes(Math.abs(distance))} ${words} the budget of ${kilobytes(BUDGET)}.`);
}

/** @returns {Size} */
export function sizeOf(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const [gzip, brotli] = [gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes, { params })];
  return { raw: bytes.length, gzip: gzip.length, brotli: brotli.length };
}

function sum(a, b) {
  return { raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli };
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
