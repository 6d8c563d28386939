/** Decides when the browser asks before the page is left: while edits would be lost, and at no other time. */

import type { Doc } from "./doc.js";
import type { Status } from "./types.js";

/**
 * Has the browser ask while edits are not safe on the level that the application chose.
 *
 * It listens only meanwhile, because pages that listen are not kept for going back by every browser.
 */
export function warnBeforeUnload(doc: Doc, level: "unsynced" | "unstored"): void {
  // Workers and Node have no page to leave.
  if (typeof globalThis.document === "undefined") return;
  let isListening = false;
  const ask = (event: Event): void => event.preventDefault();
  const follow = (status: Status): void => {
    const isUnsafe = status.phase !== "closed" && isAtRisk(status, level);
    if (isUnsafe === isListening) return;
    isListening = isUnsafe;
    if (isUnsafe) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  };
  doc.on("status", follow);
}

/** What is not kept on the device is at risk until the server holds it. */
function isAtRisk({ unsynced, unstored }: Status, level: "unsynced" | "unstored"): boolean {
  if (level === "unsynced" || unstored === undefined) return unsynced > 0;
  return unsynced > 0 && unstored > 0;
}
