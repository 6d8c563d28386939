/** The entry for browsers and their bundlers: fetches the wasm file that lies beside it. */

import type { Doc } from "./doc.js";
import { loadOnce, openDocument } from "./open.js";
import type { Raw } from "./raw.js";
import * as glue from "./syncline.js";
import type { Options } from "./types.js";

export * from "./public.js";

/**
 * Opens the document `room` of the server at `url`. Resolves as soon as it can be edited, without waiting for the
 * network; rejects with a SynclineError when an argument is refused or the wasm cannot be loaded.
 */
export function open(url: string, room: string, options?: Options): Promise<Doc> {
  return openDocument(() => loadOnce(load), url, room, options);
}

async function load(): Promise<Raw> {
  // In this form bundlers see the file and ship it.
  await glue.default({ module_or_path: new URL("./syncline_bg.wasm", import.meta.url) });
  return glue;
}
