// Decides what an app downloads for each library and what connects it, in brotli.

import path from "node:path";
import { readFile } from "node:fs/promises";
import { ROOT } from "../../scripts/lib/run.mjs";
import { measure, sizeOf } from "../../scripts/lib/sizes.mjs";
import { bundleOnline } from "../lib/bundle.mjs";
import { brotliOf } from "../lib/brotli.mjs";
import { LIBRARIES } from "../lib/libraries.mjs";

const SUB_PATHS = ["react", "codemirror", "input", "delta", "yjs"];

export const size = {
  name: "size",
  title: "Download",
  how: `The library and what connects it to a server, bundled and minified as the other rows use it, in brotli 11.
Syncline's entries as every build measures them.`,
  rounds: { full: 1, quick: 1 },
  measurements: {
    total: { title: "all", unit: "kB", target: { most: 130 } },
    wasm: { title: "… wasm", unit: "kB" },
    script: { title: "… JavaScript", unit: "kB" },
  },
  async round({ library }) {
    const { wasm, script } = library === "syncline" ? await ours() : await theirs(library);
    return { total: wasm + script, wasm: wasm || undefined, script };
  },
};

export const entries = {
  name: "entries",
  title: "Download of Syncline's other entries",
  how: "What each adds to the main one, without the editor or framework that it is for.",
  libraries: ["syncline"],
  rounds: { full: 1, quick: 1 },
  measurements: Object.fromEntries(SUB_PATHS.map((name) => [name, { title: `syncline/${name}`, unit: "kB" }])),
  async round() {
    const found = await ours();
    return Object.fromEntries(SUB_PATHS.map((name) => [name, found[name]]));
  },
};

/** The entries of the package, as the build measures them; two rows ask. */
function ours() {
  measuring ??= measureEntries();
  return measuring;
}

let measuring;

async function measureEntries() {
  const file = (name) => path.join(ROOT, "pkg", name);
  const { exports } = JSON.parse(await readFile(file("package.json"), "utf8"));
  const target = (name) => exports[`./${name}`].webpack ?? exports[`./${name}`].default;
  const beside = Object.fromEntries(SUB_PATHS.map((name) => [name, file(target(name))]));
  const measured = await measure({ wasm: LIBRARIES.syncline.wasm, entries: { script: file(exports["."].webpack), ...beside } });
  const sizes = Object.entries(measured).map(([name, { brotli }]) => [name.endsWith(".wasm") ? "wasm" : name, brotli / 1000]);
  return Object.fromEntries(sizes);
}

async function theirs(library) {
  const { wasm } = LIBRARIES[library];
  const script = sizeOf(await bundleOnline(library));
  return { wasm: wasm ? (await brotliOf(wasm)).length / 1000 : 0, script: script.brotli / 1000 };
}
