/** The entry for all other bundlers: carries the wasm as text, unless the bundler tells that it ships files. */

import type { Doc } from "./doc.js";
import { loadBundled } from "./load-bundled.js";
import { loadOnce, openDocument, stored } from "./open.js";
import type { Options } from "./options.js";
import type { StoredDocument } from "./types.js";

export * from "./public.js";

/**
 * Opens the document `room` of the server at `url`. Resolves as soon as it can be edited, without waiting for the
 * network; rejects with a SynclineError when an argument is refused or the wasm cannot be loaded.
 */
export function open(url: string, room: string, options?: Options): Promise<Doc> {
  return openDocument(() => loadOnce(loadBundled), url, room, options);
}

/** Lists what this device keeps of documents: of one `scope`, or all. */
export function listStored(of: { readonly scope?: string } = {}): Promise<StoredDocument[]> {
  return stored.list(() => loadOnce(loadBundled), of);
}

/**
 * Deletes what this device keeps: one document, or without a `name` all of the `scope`, such as at the end of a visit.
 * For a document that is open, call its `forget()`.
 */
export function forgetStored(what: { readonly scope: string; readonly name?: string }): Promise<void> {
  return stored.forget(() => loadOnce(loadBundled), what);
}
