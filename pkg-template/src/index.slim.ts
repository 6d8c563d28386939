/** The entry without any wasm: for libraries, which leave loading to the app, and hosts that load in their own way. */

import { compile, type WasmSource } from "./compile.js";
import { contained } from "./contained.js";
import type { Doc } from "./doc.js";
import { SynclineError } from "./errors.js";
import { loaded, loadOnce, openDocument, stored } from "./open.js";
import type { Raw } from "./raw.js";
import type { Options } from "./options.js";
import type { StoredDocument } from "./types.js";

export * from "./public.js";

export type { WasmSource } from "./compile.js";

/** Loads the wasm. Only the first call loads, whichever entry of the package made it; the others wait for it. */
export async function init(source: WasmSource | Promise<WasmSource>): Promise<void> {
  await loadOnce(async () => contained(await compile(source)));
}

/**
 * Opens the document `room` of the server at `url`, as the main entry does. Rejects with code `load-failed` where
 * neither `init` nor the `open` of another entry was called before.
 */
export function open(url: string, room: string, options?: Options): Promise<Doc> {
  return openDocument(alreadyLoaded, url, room, options);
}

/** Lists what this device keeps of documents: of one `scope`, or all. */
export function listStored(of: { readonly scope?: string } = {}): Promise<StoredDocument[]> {
  return stored.list(alreadyLoaded, of);
}

/**
 * Deletes what this device keeps: one document, or without a `name` all of the `scope`, such as at the end of a visit.
 * For a document that is open, call its `forget()`.
 */
export function forgetStored(what: { readonly scope: string; readonly name?: string }): Promise<void> {
  return stored.forget(alreadyLoaded, what);
}

async function alreadyLoaded(): Promise<Raw> {
  const loading = loaded();
  if (!loading) throw new SynclineError("load-failed", "no wasm was given: call init() of 'syncline/slim' first");
  return loading;
}
