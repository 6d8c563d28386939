// Decides how the npm package in pkg/ is made: from the Rust library in src/ and the TypeScript in pkg-template/.
//
// Every step is skipped when its inputs did not change. What lies between the steps is in target/, which git ignores.

import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { unlessDone, WORK } from "./lib/done.mjs";
import { createLog } from "./lib/log.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { runMain } from "./lib/problem.mjs";
import { ROOT, run } from "./lib/run.mjs";
import { measure, reportSizes } from "./lib/sizes.mjs";
import { checkNode, ensureRust } from "./lib/toolchain.mjs";
import { buildWasm, GLUE, libraryVersion, SMALL_WASM } from "./lib/wasm.mjs";

/** The finished package: what `npm pack` packs. */
export const PACKAGE = path.join(ROOT, "pkg");

const THIS_SCRIPT = fileURLToPath(import.meta.url);
const TEMPLATE = path.join(ROOT, "pkg-template");
const SCRIPT = path.join(WORK, "js");
const SIZES = path.join(WORK, "sizes.json");
const ROOT_FILES = ["README.md", "LICENSE-MIT", "LICENSE-APACHE"].map((file) => path.join(ROOT, file));

/** Builds pkg/. Needs the npm packages, and Rust with its wasm target. Returns the sizes that it printed. */
export async function build({ log }) {
  await buildWasm({ log });
  await compileTypeScript(log);
  await assemble(log);
  const measuring = { files: [PACKAGE, path.join(ROOT, "scripts", "lib", "sizes.mjs")], outputs: [SIZES] };
  await unlessDone("sizes", measuring, () =>
    log.step("Measuring the package", async () => writeFile(SIZES, JSON.stringify(await measure(await measured())))),
  );
  const sizes = JSON.parse(await readFile(SIZES, "utf8"));
  log.info("The npm package is in pkg/ (JavaScript: each entry in one file and minified, as apps ship it):");
  reportSizes(log, sizes, SMALL_WASM);
  return sizes;
}

async function compileTypeScript(log) {
  const typescript = path.join(ROOT, "node_modules", "typescript");
  const files = [path.join(TEMPLATE, "src"), path.join(TEMPLATE, "tsconfig.json"), path.join(GLUE, "syncline.d.ts")];
  files.push(path.join(typescript, "package.json"), THIS_SCRIPT);
  await unlessDone("js", { files, outputs: [SCRIPT] }, () =>
    log.step("Compiling the TypeScript", async () => {
      await rm(SCRIPT, { recursive: true, force: true });
      const args = [path.join(typescript, "bin", "tsc"), "--project", TEMPLATE, "--outDir", SCRIPT];
      await run(process.execPath, args, { problem: "The TypeScript in pkg-template/ does not compile." });
    }),
  );
}

async function assemble(log) {
  const version = await libraryVersion();
  const rootFiles = ROOT_FILES.filter(existsSync);
  const glue = ["syncline.js", "syncline.d.ts"].map((file) => path.join(GLUE, file));
  const files = [SCRIPT, ...glue, SMALL_WASM, path.join(TEMPLATE, "package.json"), ...rootFiles, THIS_SCRIPT];
  await unlessDone("package", { files, values: [version], outputs: [PACKAGE] }, () =>
    log.step("Putting the package together", async () => {
      await rm(PACKAGE, { recursive: true, force: true });
      const dist = path.join(PACKAGE, "dist");
      await mkdir(dist, { recursive: true });
      await cp(SCRIPT, dist, { recursive: true });
      for (const file of [...glue, SMALL_WASM]) await cp(file, path.join(dist, path.basename(file)));
      for (const file of rootFiles) await cp(file, path.join(PACKAGE, path.basename(file)));
      await writeFile(path.join(dist, "wasm-base64.js"), await base64Module());
      await writeFile(path.join(PACKAGE, "package.json"), await packageJson(version));
    }),
  );
}

/** The wasm as a module, for the entry that carries it. Its type is declared in pkg-template/src/wasm-base64.d.ts. */
async function base64Module() {
  const wasm = await readFile(SMALL_WASM);
  return `export const WASM_BASE64 = "${wasm.toString("base64")}";\n`;
}

async function packageJson(version) {
  const template = JSON.parse(await readFile(path.join(TEMPLATE, "package.json"), "utf8"));
  return `${JSON.stringify({ ...template, version }, undefined, 2)}\n`;
}

/** The wasm file, and every entry of the package that is JavaScript, as a bundler finds it that ships the wasm file. */
async function measured() {
  const { name, exports } = JSON.parse(await readFile(path.join(PACKAGE, "package.json"), "utf8"));
  const entries = Object.entries(exports)
    .filter(([, target]) => target.default)
    .map(([entry, target]) => [path.posix.join(name, entry), path.join(PACKAGE, target.webpack ?? target.default)]);
  return { wasm: SMALL_WASM, entries: Object.fromEntries(entries) };
}

async function main() {
  checkNode();
  const log = createLog();
  await ensureNpmPackages({ log });
  await ensureRust({ log });
  await build({ log });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await runMain(main);
