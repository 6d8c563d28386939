/** Decides how the wasm is loaded where it is a file that lies beside the script. */

import { compile } from "./compile.js";
import { contained } from "./contained.js";
import type { Raw } from "./raw.js";

/** Fetches the file and compiles it while it arrives. */
export async function loadFile(): Promise<Raw> {
  // In this form bundlers see the file and ship it.
  return contained(await compile(fetch(new URL("./syncline_bg.wasm", import.meta.url))));
}
