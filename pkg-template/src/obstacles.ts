/** Decides what an application waits for in vain: why edits will not be saved, stored or forgotten any more. */

import { SynclineError } from "./errors.js";
import type { Status } from "./types.js";

/** Why edits that are not saved will not be, or false. */
export function obstacleToSaving({ phase, unsynced, reason }: Status): SynclineError | false {
  const edits = `${unsynced} ${unsynced === 1 ? "edit is" : "edits are"} not saved`;
  if (phase === "closed") return new SynclineError("closed", `${edits}: the document was closed`);
  if (phase !== "stopped") return false;
  return new SynclineError("stopped", `${edits}: ${reason?.message ?? "the connection was given up"}`);
}

/** Why edits that are not on this device will not be, or false. */
export function obstacleToStoring({ phase, unstored }: Status): SynclineError | false {
  if (phase === "closed") return new SynclineError("closed", "edits are not stored: the document was closed");
  return unstored === undefined && notStored();
}

/** Why what is stored will stay, or false. */
export function obstacleToForgetting({ phase, store }: Status): SynclineError | false {
  if (phase === "closed") return new SynclineError("closed", "the document was closed before it was forgotten");
  return store?.phase === "failed" && new SynclineError("not-stored", store.reason?.message ?? "the device failed");
}

export function notStored(): SynclineError {
  return new SynclineError("not-stored", "this document is not kept on this device: see the option 'store'");
}
