// Decides where the tools of the browser tests come from: the PATH, this user's cache, or crates.io, in the pinned versions.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { probe, run } from "./run.mjs";

/** wasm-bindgen-cli has to be the version of the wasm-bindgen crate in Cargo.toml; a test of the scripts compares them. */
export const WASM_TOOLS = [
  { crate: "wasm-bindgen-cli", version: "0.2.128", binary: "wasm-bindgen" },
  { crate: "wasm-pack", version: "0.15.1", binary: "wasm-pack" },
];

const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "syncline", "tools");

/** Makes sure that the tools exist; returns the folders to put in front of PATH (none for what is on it already). */
export async function ensureWasmTools({ log }) {
  const folders = [];
  for (const tool of WASM_TOOLS) {
    if (await isVersion(tool.binary, tool.version)) continue;
    const root = path.join(CACHE, `${tool.crate}-${tool.version}`);
    const folder = path.join(root, "bin");
    if (!(await isVersion(path.join(folder, tool.binary), tool.version))) await install(tool, root, log);
    folders.push(folder);
  }
  return folders;
}

async function isVersion(binary, version) {
  if (path.isAbsolute(binary) && !existsSync(binary)) return false;
  return (await probe(binary, ["--version"]))?.split(" ")[1] === version;
}

async function install({ crate, version }, root, log) {
  await log.step(`Building ${crate} ${version} for the browser tests, once, into ${root}`, async (step) => {
    await run("cargo", ["install", crate, "--version", version, "--locked", "--force", "--root", root], {
      onLine: step.detail,
      problem: `${crate} ${version} could not be installed.`,
    });
  });
}
