// Decides whether Node and Rust are fit for the build, and adds the one part of Rust that may be missing: its wasm target.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Problem } from "./problem.mjs";
import { probe, ROOT, run } from "./run.mjs";

const WASM_TARGET = "wasm32-unknown-unknown";
const MIN_NODE = 20;

/** Fails unless this Node is recent enough. */
export function checkNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < MIN_NODE) {
    throw new Problem(`Node ${process.versions.node} is too old: install Node ${MIN_NODE} or newer and start again.`);
  }
}

/** Fails unless Rust in the version of rust-toolchain.toml can be used, and adds its wasm target where it is missing. */
export async function ensureRust({ log }) {
  const wanted = wantedRust();
  await log.step(`Looking for Rust ${wanted} with its wasm target`, async (step) => {
    const version = await selectToolchain(wanted, step);
    step.result(version);
    if (!(await hasWasmTarget())) await addWasmTarget(step);
  });
}

function wantedRust() {
  const file = readFileSync(path.join(ROOT, "rust-toolchain.toml"), "utf8");
  return /^channel = "(.+)"$/m.exec(file)[1];
}

/** Finds a toolchain of the wanted version, under whatever name it is installed; returns what rustc calls itself. */
async function selectToolchain(wanted, step) {
  // Asked first and by listing only: the compiler's own name would start a download where the toolchain is missing.
  const installed = await installedToolchains();
  if (installed === undefined) return withoutRustup(wanted);
  if (!installed.some((name) => name.startsWith(`${wanted}-`) || name === wanted)) {
    for (const name of installed) {
      const version = await probe("rustc", [`+${name}`, "--version"]);
      if (version?.startsWith(`rustc ${wanted} `)) {
        // The same compiler by another name, such as `stable`: nothing has to be downloaded.
        process.env.RUSTUP_TOOLCHAIN = name;
        return version;
      }
    }
    await run("rustup", ["toolchain", "install", wanted, "--profile", "minimal", "-c", "clippy", "-c", "rustfmt"], {
      onLine: step.detail,
      problem: `Rust ${wanted} could not be installed: run \`rustup toolchain install ${wanted}\` yourself and start again.`,
    });
  }
  const { stdout } = await run("rustc", ["--version"], {
    problem: `Rust ${wanted} is installed but does not run: try \`rustup toolchain install ${wanted} --force\`.`,
  });
  return stdout.trim();
}

async function installedToolchains() {
  const list = await probe("rustup", ["toolchain", "list"]);
  return list?.split("\n").map((line) => line.split(" ")[0]).filter((name) => name && name !== "no");
}

/** A Rust that came another way than by rustup serves as well, when it is the right one. */
async function withoutRustup(wanted) {
  const version = await probe("rustc", ["--version"]);
  const cargo = await probe("cargo", ["--version"]);
  if (cargo === undefined || !version?.startsWith(`rustc ${wanted} `)) {
    throw new Problem(
      `Rust ${wanted} is missing${version ? ` (there is only ${version})` : ""}: install rustup as https://rustup.rs says, open a new terminal and start again.`,
    );
  }
  return version;
}

async function hasWasmTarget() {
  const directory = await probe("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  return directory !== undefined && existsSync(directory);
}

async function addWasmTarget(step) {
  await run("rustup", ["target", "add", WASM_TARGET], {
    onLine: step.detail,
    problem: `The Rust target ${WASM_TARGET} could not be added: run \`rustup target add ${WASM_TARGET}\` yourself and start again.`,
  });
}
