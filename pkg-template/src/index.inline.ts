/** The entry for bundlers and policies that cannot serve a wasm file: carries it as text, a third larger. */

import type { Doc } from "./doc.js";
import { loadOnce, openDocument, stored } from "./open.js";
import type { Raw } from "./raw.js";
import * as glue from "./syncline.js";
import type { Options } from "./options.js";
import type { StoredDocument } from "./types.js";
import { WASM_BASE64 } from "./wasm-base64.js";

export * from "./public.js";

/**
 * Opens the document `room` of the server at `url`. Resolves as soon as it can be edited, without waiting for the
 * network; rejects with a SynclineError when an argument is refused or the wasm cannot be loaded.
 */
export function open(url: string, room: string, options?: Options): Promise<Doc> {
  return openDocument(() => loadOnce(load), url, room, options);
}

/** Lists what this device keeps of documents: of one `scope`, or all. */
export function listStored(of: { readonly scope?: string } = {}): Promise<StoredDocument[]> {
  return stored.list(() => loadOnce(load), of);
}

/**
 * Deletes what this device keeps: one document, or without a `name` all of the `scope`, such as at the end of a visit.
 * For a document that is open, call its `forget()`.
 */
export function forgetStored(what: { readonly scope: string; readonly name?: string }): Promise<void> {
  return stored.forget(() => loadOnce(load), what);
}

async function load(): Promise<Raw> {
  const bytes = Uint8Array.from(atob(WASM_BASE64), (character) => character.charCodeAt(0));
  // Compiled in the background: only the cheap half, the instantiation, is synchronous.
  glue.initSync({ module: await WebAssembly.compile(bytes) });
  return glue;
}
