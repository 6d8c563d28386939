// What npm publishes: packed, unpacked as npm would install it, and looked at by the tools that know the traps.

import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { importBuilt, installPacked, PACKAGE, ROOT, run } from "./helpers/built.mjs";

const NODE_MODULES = path.join(ROOT, "node_modules");
const TYPES = path.join(ROOT, "tests", "package", "types");

/** The entries that open documents. */
const OPENING = ["syncline", "syncline/inline", "syncline/slim", "syncline/yjs", "syncline/react"];

/** @type {Awaited<ReturnType<typeof installPacked>>} */
let packed;
before(async () => (packed = await installPacked()));
after(() => packed.remove());

test("the tarball holds the documents, the licences, the wasm and nothing from outside dist", () => {
  const top = packed.files.filter((file) => !file.startsWith("dist/")).sort();
  assert.deepEqual(top, ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"]);
  assert.ok(packed.files.includes("dist/syncline_bg.wasm"));
});

test("the version is that of the crate", async () => {
  const cargo = await readFile(path.join(ROOT, "Cargo.toml"), "utf8");
  const { version } = JSON.parse(await readFile(path.join(PACKAGE, "package.json"), "utf8"));
  assert.equal(version, /^version = "(.+)"$/m.exec(cargo)[1]);
});

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: PACKAGE, strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg, { color: false })), []);
});

test("attw finds nothing", async () => {
  const attw = path.join(NODE_MODULES, "@arethetypeswrong", "cli", "dist", "index.js");
  const flags = ["--profile", "esm-only", "--exclude-entrypoints", "./syncline.wasm"];
  await run(process.execPath, [attw, packed.tarball, ...flags]);
});

test("importing any entry does nothing", async () => {
  const script = `
    import assert from "node:assert/strict";
    const refuse = (what) => () => assert.fail(what);
    const globals = ["fetch", "setTimeout", "setInterval", "queueMicrotask", "WebSocket"];
    for (const name of globals) globalThis[name] = refuse(name);
    for (const name of ["compile", "instantiate", "Module", "Instance"]) WebAssembly[name] = refuse(name);
    const before = Object.getOwnPropertyNames(globalThis);
    for (const entry of ${JSON.stringify(await entriesOfScript())}) {
      const values = Object.values(await import(entry));
      assert(values.length > 0, entry);
      for (const value of values) assert.notEqual(value, undefined, entry);
    }
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name));
    // By which Yjs notices that it is loaded twice.
    assert.deepEqual(added.filter((name) => !name.startsWith("__ $YJS")), []);
  `;
  const args = ["--input-type=module", "--eval", script];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: packed.project });
  assert.deepEqual([stdout, stderr], ["", ""]);
});

test("it makes no difference to an app which of the main entries its bundler takes", async () => {
  const [names, ...others] = await Promise.all(["browser", "bundled", "inline", "node"].map(namesOfMain));
  assert(names.includes("open"));
  for (const other of others) assert.deepEqual(other, names);
});

test("no entry for a binding brings the wasm along: the main entry has it, and the app passes what it opened", async () => {
  for (const entry of (await entriesOfScript()).filter((entry) => !OPENING.includes(entry))) {
    const options = { stdin: { contents: `export * from "${entry}";`, resolveDir: packed.project }, metafile: true, write: false };
    const { metafile } = await build({ ...options, bundle: true, format: "esm", external: await peers() });
    const inputs = Object.keys(metafile.inputs).map((file) => path.basename(file));
    assert(!inputs.includes("syncline.js"), `${entry} imports ${inputs}`);
  }
});

test("opening by the slim entry without any wasm says what to do", async () => {
  const script = `
    import { open } from "syncline/slim";
    await open("ws://127.0.0.1", "room").catch(({ code, message }) => console.log(code, message));
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: packed.project });
  assert.equal(stdout, "load-failed no wasm was given: call init() of 'syncline/slim' first\n");
});

test("the wasm file can be found by its name", async () => {
  const script = `console.log(import.meta.resolve("syncline/syncline.wasm"))`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: packed.project });
  assert.match(stdout, /syncline_bg\.wasm$/m);
});

for (const project of ["nodenext", "bundler"]) {
  test(`the types accept what is right and refuse what is wrong (${project})`, async () => {
    const sources = path.join(packed.project, project);
    await cp(TYPES, sources, { recursive: true });
    const tsc = path.join(NODE_MODULES, "typescript", "bin", "tsc");
    await run(process.execPath, [tsc, "--project", path.join(sources, `tsconfig.${project}.json`)]);
  });
}

/** What apps bring themselves. */
async function peers() {
  const { peerDependencies } = JSON.parse(await readFile(path.join(PACKAGE, "package.json"), "utf8"));
  return Object.keys(peerDependencies).flatMap((name) => [name, `${name}/*`]);
}

/** What the main entry of a kind exports. */
async function namesOfMain(kind) {
  return Object.keys(await importBuilt(`index.${kind}.js`));
}

/** The names by which apps import what is script, as the package lists them. */
async function entriesOfScript() {
  const { name, exports } = JSON.parse(await readFile(path.join(PACKAGE, "package.json"), "utf8"));
  return Object.keys(exports).filter((entry) => exports[entry].default).map((entry) => path.posix.join(name, entry));
}
