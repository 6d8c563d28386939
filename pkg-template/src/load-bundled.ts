/** Decides, while an app is bundled, whether its bundler ships the wasm file or the script carries it as text. */

import { loadFile } from "./load-file.js";
import { loadInline } from "./load-inline.js";
import type { Raw } from "./raw.js";

/**
 * Loads the wasm in the way that works with any bundler.
 *
 * Nobody can be asked while the app runs: a bundler that leaves the file behind is known by a request that fails. So
 * those that ship it are told by what they replace with a constant. Vite is, when it builds, and Turbopack; both then
 * leave the text out of what they write. With all others, and with Vite's development server, the text is there.
 */
export function loadBundled(): Promise<Raw> {
  // `__filename` is a text only where there is a `process` as well. Turbopack folds the condition in this form; one that
  // asks for the type of `process` it does not.
  if (import.meta.env?.PROD || (typeof __filename === "string" && process.turbopack)) return loadFile();
  else return loadInline();
}
