/** The entry for Node: reads the wasm file that lies beside it. */

import { compile } from "./compile.js";
import { contained } from "./contained.js";
import type { Doc } from "./doc.js";
import { loadOnce, openDocument, stored } from "./open.js";
import type { Raw } from "./raw.js";
import type { Options } from "./options.js";
import type { StoredDocument } from "./types.js";

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
  const { readFile } = await import("node:fs/promises");
  return contained(await compile(readFile(new URL("./syncline_bg.wasm", import.meta.url))));
}
