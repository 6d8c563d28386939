/** Decides how the wasm is loaded where it is a file that lies beside the script. */

import type { Raw } from "./raw.js";
import * as glue from "./syncline.js";

/** Fetches the file and compiles it while it arrives. */
export async function loadFile(): Promise<Raw> {
  // In this form bundlers see the file and ship it.
  await glue.default({ module_or_path: new URL("./syncline_bg.wasm", import.meta.url) });
  return glue;
}
