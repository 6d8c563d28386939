// Decides how the tests get a package that can be killed: with the feature `faults`, content of some form ends the instance.

import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { unlessDone } from "./done.mjs";
import { ROOT, run } from "./run.mjs";
import { makeGlue, MEMORY_FLAG, targetFolder } from "./wasm.mjs";

const PACKAGE = path.join(ROOT, "pkg");
/** The package: the one that is shipped but for the wasm and its glue. */
export const FAULTY = path.join(ROOT, "target", "faulty");
const GLUE = path.join(ROOT, "target", "faulty-glue");
const TARGET = "wasm32-unknown-unknown";
const THIS_SCRIPT = fileURLToPath(import.meta.url);

/** Builds it, from pkg/. Not optimised: it is quick to compile, and its frames are larger. */
export async function buildFaulty({ log }) {
  // As the tests of the glue are compiled, which come before: so what it depends on is there. Flags of the linker go to the
  // library alone, as those of the environment would have all compiled anew.
  const args = ["rustc", "--locked", "--lib", "--features", "faults", "--target", TARGET, "--", MEMORY_FLAG];
  await log.step("Compiling the library with faults", (step) =>
    run("cargo", args, { onLine: step.detail, problem: "The library with faults could not be compiled." }),
  );
  const compiled = path.join(await targetFolder(), TARGET, "debug", "syncline.wasm");
  const factory = path.join(path.dirname(THIS_SCRIPT), "factory.mjs");
  await unlessDone("faulty", { files: [compiled, PACKAGE, factory, THIS_SCRIPT], outputs: [FAULTY] }, async () => {
    await makeGlue(log, compiled, GLUE);
    await rm(FAULTY, { recursive: true, force: true });
    await cp(PACKAGE, FAULTY, { recursive: true });
    for (const file of ["syncline.js", "syncline_bg.wasm"]) await cp(path.join(GLUE, file), path.join(FAULTY, "dist", file));
  });
}
