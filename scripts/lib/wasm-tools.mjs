// Decides where programs that the tests need come from: the PATH, this user's cache, or crates.io, in the pinned versions.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { probe, run } from "./run.mjs";

/** wasm-bindgen-cli has to be the version of the wasm-bindgen crate in Cargo.toml; a test of the scripts compares them. */
export const WASM_TOOLS = [
  { crate: "wasm-bindgen-cli", version: "0.2.128", binary: "wasm-bindgen" },
  { crate: "wasm-pack", version: "0.15.1", binary: "wasm-pack" },
];

/** A server that the tests of the group "y-sweet" start. It takes minutes to build, so that group runs only when asked for. */
export const Y_SWEET = { crate: "y-sweet", version: "0.9.1", binary: "y-sweet", asked: "version" };

/** Where programs are kept that were installed for the tests. */
export const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "syncline", "tools");

/** Makes sure that the tools exist; returns the folders to put in front of PATH (none for what is on it already). */
export async function ensureWasmTools({ log }) {
  const programs = [];
  for (const tool of WASM_TOOLS) programs.push(await ensureTool(tool, { log }));
  return programs.filter((program) => path.isAbsolute(program)).map((program) => path.dirname(program));
}

/** Makes sure that a tool exists; returns its name, where it is on the PATH, or its path. */
export async function ensureTool(tool, { log }) {
  if (await isThere(tool.binary, tool)) return tool.binary;
  const root = path.join(CACHE, `${tool.crate}-${tool.version}`);
  const program = path.join(root, "bin", tool.binary);
  if (!(await isThere(program, tool))) await install(tool, root, log);
  return program;
}

async function isThere(program, { version, asked = "--version" }) {
  if (path.isAbsolute(program) && !existsSync(program)) return false;
  const answer = await probe(program, [asked]);
  return answer?.split(/\s+/).includes(version) ?? false;
}

async function install({ crate, version }, root, log) {
  await log.step(`Building ${crate} ${version} for the tests, once, into ${root}`, async (step) => {
    await run("cargo", ["install", crate, "--version", version, "--locked", "--force", "--root", root], {
      onLine: step.detail,
      problem: `${crate} ${version} could not be installed.`,
    });
  });
}
