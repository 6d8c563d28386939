// Decides in which order the parts of the project are built: the npm package, then the demo that imports it.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./run.mjs";

/** The folder of the built demo. */
export const DEMO = path.join(ROOT, "www", "dist");

/** Builds pkg/ and www/dist/. Needs the npm packages and Rust. */
export async function buildAll({ log }) {
  // Imported late: these modules import npm packages, which may have been installed only a moment ago.
  const script = (file) => import(pathToFileURL(path.join(ROOT, file)));
  const { build } = await script("scripts/build.mjs");
  await build({ log });
  const { buildDemo } = await script("www/build.mjs");
  await log.step("Building the demo", (step) => buildDemo({ log: step.detail, outDir: DEMO }));
}
