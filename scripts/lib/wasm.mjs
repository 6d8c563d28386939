// Decides how the Rust library becomes a small .wasm file with its JavaScript glue.

import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { unlessDone, WORK } from "./done.mjs";
import { factoryOf, factoryTypesOf } from "./factory.mjs";
import { Problem } from "./problem.mjs";
import { ROOT, run } from "./run.mjs";
import { chooseStd } from "./small-std.mjs";

const TARGET = "wasm32-unknown-unknown";
const NAME = "syncline";
const RUSTFLAGS = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
const BINDGEN = path.join(ROOT, "tools", "bindgen");
const FACTORY = fileURLToPath(new URL("factory.mjs", import.meta.url));

/** What bindgen writes: the glue, its types, and the .wasm that belongs to it. tsc finds it here too. */
export const GLUE = path.join(ROOT, "target", "glue");
/** Says which standard library the .wasm was compiled with: how large it may be depends on that. */
export const STD_NAME = path.join(WORK, "std");
/** The .wasm as it is shipped. */
export const SMALL_WASM = path.join(WORK, `${NAME}_bg.wasm`);

/**
 * The most memory that an instance gets. What needs more is a defect, or a document that no page can hold: it ends the
 * instance, and not the tab.
 */
export const MEMORY_FLAG = `-Clink-arg=--max-memory=${1 << 30}`;

/**
 * For size LLVM inlines next to nothing, not even what takes more instructions to call than to do. 40 costs 4 kB in brotli and
 * takes a quarter less time for an edit, a third less for opening; 25: 1 kB and a sixth, 60: 12 kB and a third. As much as 60 gives
 * opt-level "s", which costs 25 kB.
 */
const INLINE_FLAG = "-Cllvm-args=-inline-threshold=40";

/** wasm-opt uses the features that rustc names in the wasm's `target_features` section, and no others. */
const WASM_OPT_ARGS = [
  "-Oz",
  // -Oz alone inlines every function that is called once. That saves 12 kB as such but costs 20 kB (9 %) in brotli,
  // which finds more repetitions in many small functions than in few large ones.
  "--one-caller-inline-max-function-size=20",
  // What is hardly longer than the call of it: 0.2 kB more, and an edit takes 8 % less time.
  "--always-inline-max-function-size=6",
  // Keeping values that are computed twice costs locals, and brotli finds the repetition anyway: 1 kB less.
  "--skip-pass=local-cse",
  "--converge",
  // Nothing lies below address 1024: that is the last of the stack, which grows down to 0. So sums of small numbers
  // and addresses may become part of the instructions that read and write: 0.7 kB less in brotli.
  "--low-memory-unused",
  // Functions made from the same generic one then stand side by side, where brotli finds what they share: 2 kB less.
  "--reorder-functions-by-name",
  "--strip-debug",
  "--strip-producers",
  "--strip-target-features",
];

/** Compiles the library, makes the glue and shrinks the wasm; each only where something changed. */
export async function buildWasm({ log }) {
  const compiled = await compile(log);
  const version = await wasmBindgenVersion();
  await unlessDone("glue", { files: [compiled, FACTORY], values: [version], outputs: glueFiles() }, () => makeGlue(log, compiled, GLUE));
  await shrink(log);
}

/** Makes the glue of a compiled library, and the .wasm that belongs to it. */
export async function makeGlue(log, compiled, folder) {
  const tool = await buildBindgen(log, await wasmBindgenVersion());
  await log.step("Making the JavaScript glue", async () => {
    await rm(folder, { recursive: true, force: true });
    await run(tool, [compiled, NAME, folder], { problem: "wasm-bindgen could not read the compiled library." });
    await rewrite(path.join(folder, `${NAME}.js`), factoryOf);
    await rewrite(path.join(folder, `${NAME}.d.ts`), factoryTypesOf);
  });
}

async function rewrite(file, change) {
  await writeFile(file, change(await readFile(file, "utf8")));
}

/** Always asks cargo, which knows best what changed. */
async function compile(log) {
  const build = ["build", "--release", "--locked", "--lib", "--target", TARGET];
  const std = await chooseStd({ log, build });
  await log.step("Compiling the Rust library to wasm", (step) =>
    run("cargo", [...build, ...std.args], {
      env: { ...std.env, [RUSTFLAGS]: [std.env[RUSTFLAGS], MEMORY_FLAG, INLINE_FLAG].filter(Boolean).join(" ") },
      onLine: step.detail,
      problem: "The Rust library could not be compiled.",
    }),
  );
  await mkdir(WORK, { recursive: true });
  await writeFile(STD_NAME, std.name);
  return path.join(await targetFolder(), TARGET, "release", `${NAME}.wasm`);
}

/** Where cargo puts what it compiles. */
export async function targetFolder() {
  const { target_directory: folder } = await cargoMetadata();
  return folder;
}

/** The version of the library, which is that of the npm package. */
export async function libraryVersion() {
  const { packages } = await cargoMetadata();
  return packages.find((entry) => entry.name === NAME).version;
}

async function cargoMetadata() {
  const args = ["metadata", "--no-deps", "--locked", "--format-version", "1"];
  const { stdout } = await run("cargo", args, { problem: "cargo could not read Cargo.toml." });
  return JSON.parse(stdout);
}

/** The glue and the library must come from the same version of wasm-bindgen, to the last digit. */
async function wasmBindgenVersion() {
  const library = await lockedVersion(path.join(ROOT, "Cargo.lock"), "wasm-bindgen");
  const tool = await lockedVersion(path.join(BINDGEN, "Cargo.lock"), "wasm-bindgen-cli-support");
  if (library === tool) return library;
  const remedy = `in tools/bindgen set wasm-bindgen-cli-support to "=${library}" and run \`cargo update\``;
  throw new Problem(`The library uses wasm-bindgen ${library}, but tools/bindgen is for ${tool}: ${remedy}.`);
}

async function lockedVersion(file, name) {
  const lock = await readFile(file, "utf8");
  return new RegExp(`^name = "${name}"\\r?\\nversion = "(.+)"`, "m").exec(lock)?.[1];
}

/**
 * Builds the tool in the user's cache, so that another clone does not have to. Returns the program's path.
 * cargo decides what has to be done; where the tool is there already that takes a tenth of a second.
 */
async function buildBindgen(log, version) {
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache");
  const folder = path.join(cache, "syncline", `bindgen-${version}`);
  const program = path.join(folder, "release", `syncline-bindgen${process.platform === "win32" ? ".exe" : ""}`);
  const title = existsSync(program)
    ? `Checking the wasm-bindgen ${version} tool`
    : `Compiling the wasm-bindgen ${version} tool (once, about half a minute)`;
  await mkdir(folder, { recursive: true });
  await log.step(title, (step) =>
    run("cargo", ["build", "--release", "--locked", "--manifest-path", path.join(BINDGEN, "Cargo.toml")], {
      env: { CARGO_TARGET_DIR: folder },
      onLine: step.detail,
      problem: "The wasm-bindgen tool in tools/bindgen could not be compiled.",
    }),
  );
  return program;
}

async function shrink(log) {
  const input = path.join(GLUE, `${NAME}_bg.wasm`);
  const binaryen = path.join(ROOT, "node_modules", "binaryen");
  const step = { files: [input, path.join(binaryen, "package.json")], values: WASM_OPT_ARGS, outputs: [SMALL_WASM] };
  await unlessDone("wasm-opt", step, () =>
    log.step("Shrinking the wasm", async () => {
      await mkdir(WORK, { recursive: true });
      // The npm package is wasm-opt itself compiled to JavaScript, so that it runs wherever Node does.
      const program = path.join(binaryen, "bin", "wasm-opt");
      await run(process.execPath, [program, input, ...WASM_OPT_ARGS, "-o", SMALL_WASM], {
        problem: "wasm-opt refused the wasm.",
      });
    }),
  );
}

function glueFiles() {
  return [`${NAME}.js`, `${NAME}.d.ts`, `${NAME}_bg.wasm`].map((file) => path.join(GLUE, file));
}
