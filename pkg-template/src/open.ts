/** Decides how a document is opened: the wasm is loaded at the first call, once, and never at import. */

import { Doc } from "./doc.js";
import { SynclineError } from "./errors.js";
import type { Options } from "./options.js";
import type { Raw } from "./raw.js";
import type { StoredDocument } from "./types.js";
import { mark } from "./witness.js";

// One for all entries of the package, and so one instance at a time.
let loading: Promise<Raw> | undefined;

/**
 * Lets `load` instantiate the wasm at the first call; all others wait for the same. After a failure the next call tries
 * again.
 */
export function loadOnce(load: () => Promise<Raw>): Promise<Raw> {
  loading ??= start(load);
  return loading;
}

/** What has been loaded or is being loaded, if anything. */
export function loaded(): Promise<Raw> | undefined {
  return loading;
}

/** Opens a document in the instance that `wasm` promises. */
export async function openDocument(
  wasm: () => Promise<Raw>,
  url: string,
  room: string,
  options?: Options,
): Promise<Doc> {
  mark("open");
  const doc = new Doc(await wasm(), url, room, options);
  await doc.opened;
  mark("ready", doc.clientId);
  return doc;
}

/** What concerns documents that need not be open. */
export const stored = {
  list: async (wasm: () => Promise<Raw>, { scope }: { readonly scope?: string }): Promise<StoredDocument[]> =>
    (await wasm()).listStored(scope) as Promise<StoredDocument[]>,
  forget: async (wasm: () => Promise<Raw>, { scope, name }: { readonly scope: string; readonly name?: string }): Promise<void> => {
    await (await wasm()).forgetStored(scope, name);
  },
};

async function start(load: () => Promise<Raw>): Promise<Raw> {
  try {
    return await load();
  } catch (cause) {
    loading = undefined;
    if (cause instanceof SynclineError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SynclineError("load-failed", `the wasm could not be loaded: ${why}; ${whatHelps()}`, { cause });
  }
}

function whatHelps(): string {
  if (mayCompile()) return "where a bundler or a policy keeps the wasm file away, import from 'syncline/inline'";
  return "the Content Security Policy of this page has to allow it: script-src 'wasm-unsafe-eval'";
}

/** Whether the page may compile any wasm at all, asked with the smallest module there is. */
function mayCompile(): boolean {
  try {
    return new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) !== undefined;
  } catch {
    return false;
  }
}
