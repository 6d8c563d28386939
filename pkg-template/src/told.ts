/** Decides how the wasm tells events: most as objects, and those of every keystroke as their parts, which costs it less. */

import type { RawChange, RawEvent } from "./raw.js";
import type { Origin, Status, TextDelta } from "./types.js";

/** What the listener of `docOpen` is called with: an event, or the name of one and its parts. */
export type Told =
  | readonly [event: RawEvent]
  | readonly [name: "update", update: Uint8Array, origin: Origin]
  | readonly [name: "typed", target: number, origin: Origin, at: number, inserted: string, deleted: number]
  | readonly [name: "counts", unsynced: number, unsent: number, refused: number, unstored: number | undefined];

/** Makes events of what the wasm tells of one document. A status of which only the counts are new is told as those. */
export function eventReader(): (...told: Told) => RawEvent {
  let last: Status | undefined;
  return (...told) => {
    switch (told[0]) {
      case "update":
        return { type: "update", update: told[1], origin: told[2] };
      case "typed":
        return typed(...told);
      case "counts": {
        const [, unsynced, unsent, refused, unstored] = told;
        // The first status was told whole.
        last = { ...(last as Status), unsynced, unsent, refused, ...(unstored !== undefined && { unstored }) };
        return { type: "status", status: last };
      }
      default: {
        const [event] = told;
        if (event.type === "status") last = event.status;
        return event;
      }
    }
  };
}

/** The change of a text at one place. */
function typed(_: "typed", target: number, origin: Origin, at: number, inserted: string, deleted: number): RawChange {
  const delta: TextDelta[] = [];
  if (at > 0) delta.push({ retain: at });
  if (inserted !== "") delta.push({ insert: inserted });
  if (deleted > 0) delta.push({ delete: deleted });
  return { type: "change", target, origin, path: [], delta };
}
