// Decides what belongs to each group of tests, and what has to be there before it can run.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { BROWSER_ARGUMENTS, ensureBrowser, ensureFirefox } from "./browser.mjs";
import { buildAll } from "./build-all.mjs";
import { ensureClusterPrograms } from "./cluster-programs.mjs";
import { buildFaulty } from "./faulty.mjs";
import { ensureNpmPackages } from "./npm-packages.mjs";
import { ensurePython } from "./python.mjs";
import { ROOT } from "./run.mjs";
import { ensureTool, ensureWasmTools, Y_SWEET } from "./wasm-tools.mjs";

/** The example with the emulators of AWS. They are not part of the workspace: they are larger than all the rest. */
const SERVERLESS = path.join(ROOT, "examples", "serverless");

/** The example of more than one machine, which has packages of its own as well. */
const CLUSTER = path.join(ROOT, "examples", "cluster");

const Y_SWEET_TESTS = "tests/servers/y-sweet.test.mjs";

/**
 * @typedef {object} Part one program that is run
 * @property {string} title
 * @property {[string, ...string[]]} command
 * @property {"cargo" | "node"} [counts] how its output tells what ran; without, it is a check that counts only when it fails
 * @property {Record<string, string>} [env]
 */

/**
 * The groups in the order in which they run: what is quick to tell first.
 * @param {{ log: import("./log.mjs").Log }} context
 * @returns {{ name: string, title: string, isOptIn?: true, parts: () => Promise<Part[]> }[]} those that are opt-in run
 *   only when they are asked for
 */
export function testGroups({ log }) {
  const built = once(() => buildAll({ log }));
  const browser = once(() => ensureBrowser({ log }));
  return [
    {
      name: "scripts",
      title: "The scripts and the tools of the tests",
      parts: async () => [nodeTests("scripts", testFiles("tests/scripts"))],
    },
    { name: "core", title: "The crate, natively", parts: async () => coreParts() },
    {
      name: "web",
      title: "The glue, in Chromium",
      parts: async () => [await webPart(await browser(), await ensureWasmTools({ log }))],
    },
    {
      name: "package",
      title: "The npm package",
      parts: async () => {
        await built();
        await buildFaulty({ log });
        return [nodeTests("package", testFiles("tests/package")), hostileBytesPart()];
      },
    },
    {
      name: "e2e",
      title: "End to end, with the real server and browsers",
      parts: async () => {
        await built();
        const [{ chrome }, firefox] = [await browser(), await ensureFirefox({ log })];
        for (const folder of [SERVERLESS, CLUSTER]) await ensureNpmPackages({ log, folder });
        const { redis, nginx } = await ensureClusterPrograms({ log });
        const programs = { CHROME: chrome, FIREFOX: firefox, REDIS_SERVER: redis, NGINX: nginx };
        return [nodeTests("end-to-end", testFiles("tests/e2e"), programs)];
      },
    },
    {
      name: "packaging",
      title: "The packed npm package, with every bundler and without",
      parts: async () => {
        await built();
        const { chrome } = await browser();
        const { installProject, projectNames } = await import("../../tests/packaging/lib/project.mjs");
        for (const name of await projectNames()) await installProject(name, { log });
        return [nodeTests("packaging", testFiles("tests/packaging"), { CHROME: chrome })];
      },
    },
    {
      name: "servers",
      title: "With every server that is spoken to, on Node and in Python",
      parts: async () => {
        await built();
        const files = testFiles("tests/servers").filter((file) => file !== Y_SWEET_TESTS);
        return [nodeTests("servers", files, { PYTHON: await ensurePython({ log }) })];
      },
    },
    {
      name: "y-sweet",
      title: "With y-sweet, which takes minutes to build",
      isOptIn: true,
      parts: async () => {
        await built();
        return [nodeTests("y-sweet", [Y_SWEET_TESTS], { Y_SWEET: await ensureTool(Y_SWEET, { log }) })];
      },
    },
  ];
}

function coreParts() {
  return [
    { title: "formatting", command: ["cargo", "fmt", "--all", "--check"] },
    { title: "formatting of tools/bindgen", command: ["cargo", "fmt", "--manifest-path", "tools/bindgen/Cargo.toml", "--check"] },
    { title: "clippy", command: ["cargo", "clippy", "--locked", "--all-targets", "--", "-D", "warnings"] },
    {
      title: "clippy for wasm",
      command: ["cargo", "clippy", "--locked", "--lib", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"],
    },
    {
      title: "documentation",
      command: ["cargo", "doc", "--locked", "--no-deps", "--document-private-items"],
      env: { RUSTDOCFLAGS: "-D warnings" },
    },
    { title: "native tests", command: ["cargo", "test", "--locked", "--no-fail-fast"], counts: "cargo" },
  ];
}

/** The inputs that "native tests" makes meet the wasm as well, whose traps 64 bits do not have. */
function hostileBytesPart() {
  return { title: "hostile bytes on the wasm", command: [process.execPath, "scripts/fuzz.mjs", "--wasm", "--seeds", "0..", "--minutes", "1"] };
}

async function webPart({ chrome, chromedriver }, toolFolders) {
  const flags = ["--mode", "no-install", "--headless", "--chrome"];
  return {
    title: "wasm-pack tests",
    // Only tests/web/ is run: everything else is tested natively.
    command: ["wasm-pack", "test", ...flags, "--chromedriver", chromedriver, "--", "--test", "web"],
    counts: "cargo",
    env: {
      PATH: [...toolFolders, process.env.PATH].join(path.delimiter),
      WASM_BINDGEN_TEST_WEBDRIVER_JSON: writeCapabilities(chrome),
    },
  };
}

/** Tells chromedriver which browser to start and how; returns the file's name. */
function writeCapabilities(chrome) {
  const file = path.join(ROOT, "target", "webdriver.json");
  const options = { binary: chrome, args: ["--headless=new", ...BROWSER_ARGUMENTS] };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ "goog:chromeOptions": options }, undefined, 2));
  return file;
}

/** The files with tests in a folder of the project. */
function testFiles(folder) {
  const files = readdirSync(path.join(ROOT, folder)).filter((file) => file.endsWith(".test.mjs"));
  return files.sort().map((file) => `${folder}/${file}`);
}

/** One file at a time: they share two cores with the servers and browsers they start. */
function nodeTests(name, files, env) {
  const flags = ["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=300000"];
  return {
    title: `${name} tests`,
    command: [process.execPath, ...flags, ...files],
    counts: "node",
    env,
  };
}

function once(work) {
  let promise;
  return () => (promise ??= work());
}
