"use client";
/** The entry for React in browsers and their bundlers: what it loads is what the main entry loads, once, when a component is mounted. */

import type { Doc } from "./doc.js";
import { open } from "./index.browser.js";
import type { DocOptions } from "./react-documents.js";
import { useDocBy } from "./react-hooks.js";

export { useList, useMap, usePresence, useStatus, useText } from "./react-hooks.js";
export type { ListSnapshot, MapSnapshot, PresenceSnapshot } from "./react-hooks.js";
export type { DocOptions, Open } from "./react-documents.js";

/**
 * Opens the document `room` of the server at `url` while the component is mounted; `undefined` until then, on the server,
 * and without a `url` or a `room`. Components that ask for the same share one document; one that asks for another is
 * given `undefined` until that is open. Throws where `open` rejects, for an error boundary.
 */
export function useDoc(url: string | undefined, room: string | undefined, options?: DocOptions): Doc | undefined {
  return useDocBy(open, url, room, options);
}
