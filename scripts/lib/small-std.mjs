// Decides whether the shipped wasm gets Rust's standard library compiled anew, for size, or as it comes with the compiler.
//
// It comes compiled for speed, and with all that a panic says, which nobody reads: on wasm a panic is a trap either way.
// Compiled anew it is the same source by the same compiler, but cargo calls the options unstable, hence RUSTC_BOOTSTRAP.

import { existsSync } from "node:fs";
import path from "node:path";
import { probe } from "./run.mjs";

const SOURCE = "rust-src";
const ADDING_MS = 5 * 60_000;

/**
 * @typedef {object} Std how cargo is called
 * @property {"small" | "ordinary"} name
 * @property {string[]} args
 * @property {Record<string, string>} env
 */

/** @type {Std} */
export const ORDINARY_STD = { name: "ordinary", args: [], env: {} };

const RUSTFLAGS = [
  // What `{:?}` writes is for us: `tests/architecture.rs` sees to it that no message is made of it.
  "-Zfmt-debug=none",
  "-Zlocation-detail=none",
  // Compilers that allow unstable options name functions another way, by which wasm-opt puts fewer alike side by side.
  "-Csymbol-mangling-version=legacy",
  "-Zunstable-options",
];

/** @type {Std} */
const SMALL_STD = {
  name: "small",
  args: ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size", "-Zpanic-immediate-abort"],
  env: {
    RUSTC_BOOTSTRAP: "1",
    CARGO_PROFILE_RELEASE_PANIC: "immediate-abort",
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: RUSTFLAGS.join(" "),
  },
};

/**
 * Finds out which can be had; adds the source where it is missing. Without it, or without the few crates that it is made
 * of, there is still a package, which is a little larger.
 * @param {{ log: import("./log.mjs").Log, build: string[] }} options `build` is what cargo is asked to build
 * @returns {Promise<Std>}
 */
export async function chooseStd({ log, build }) {
  const there = (await hasSource()) || (await addSource(log));
  const obstacle = there ? await missingCrates(build) : `${SOURCE} is missing`;
  if (obstacle === undefined) return SMALL_STD;
  const remedy = `run \`rustup component add ${SOURCE}\` with a network for the smaller one`;
  log.info(`  The standard library stays as it is, ${obstacle}: the wasm is some 6 % larger; ${remedy}.`);
  return ORDINARY_STD;
}

async function hasSource() {
  const sysroot = await probe("rustc", ["--print", "sysroot"]);
  return sysroot !== undefined && existsSync(path.join(sysroot, "lib", "rustlib", "src", "rust", "library", "Cargo.lock"));
}

function addSource(log) {
  return log.step("Adding the source of Rust's standard library", async (step) => {
    const added = await probe("rustup", ["component", "add", SOURCE], { onLine: step.detail, timeoutMs: ADDING_MS });
    const there = added !== undefined && (await hasSource());
    step.result(there ? "added" : "not possible");
    return there;
  });
}

/** Has cargo load the crates by asking for its plan, which compiles nothing. */
async function missingCrates(build) {
  const args = [...build, ...SMALL_STD.args, "-Zunstable-options", "--unit-graph"];
  const plan = await probe("cargo", args, { env: SMALL_STD.env });
  return plan === undefined ? "the crates it is made of cannot be loaded" : undefined;
}
