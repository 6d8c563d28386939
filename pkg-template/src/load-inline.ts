/** Decides how the wasm is loaded where the script carries it, as text. */

import { compile } from "./compile.js";
import { contained } from "./contained.js";
import type { Raw } from "./raw.js";
import { WASM_BASE64 } from "./wasm-base64.js";

/** Compiles the text in the background: only the cheap half, the instantiation, is synchronous. */
export async function loadInline(): Promise<Raw> {
  return contained(await compile(Uint8Array.from(atob(WASM_BASE64), (character) => character.charCodeAt(0))));
}
