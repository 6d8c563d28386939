/** Decides how the wasm is loaded where the script carries it, as text. */

import type { Raw } from "./raw.js";
import * as glue from "./syncline.js";
import { WASM_BASE64 } from "./wasm-base64.js";

/** Compiles the text in the background: only the cheap half, the instantiation, is synchronous. */
export async function loadInline(): Promise<Raw> {
  const bytes = Uint8Array.from(atob(WASM_BASE64), (character) => character.charCodeAt(0));
  glue.initSync({ module: await WebAssembly.compile(bytes) });
  return glue;
}
