/** Decides how the handles see the wasm: as the functions that bindgen declares, over numeric ids. */

import type * as glue from "./syncline.js";
import type { KeyChanges, ListDelta, Origin, PresenceChange, Problem, Status, TextDelta, UpdateEvent } from "./types.js";
import type { UndoEvent } from "./undo.js";

/**
 * The exports of a started wasm instance. Their types are the generated ones; where those say `any`, the handle that
 * makes the call states the type. Every function may throw a SynclineError.
 */
export type Raw = Omit<typeof glue, "default" | "initSync">;

/** One event of a document as the wasm tells the listener of `docOpen`. */
export type RawEvent =
  | { readonly type: "status"; readonly status: Status }
  | RawChange
  | RawUndo
  | { readonly type: "opened" }
  | { readonly type: "refused"; readonly changes: readonly RawChange[] }
  | ({ readonly type: "update" } & UpdateEvent)
  | ({ readonly type: "presence" } & PresenceChange)
  | { readonly type: "message"; readonly text: string }
  | { readonly type: "broadcast"; readonly from: number; readonly event: string }
  | ({ readonly type: "problem" } & Problem);

/** A change of an observed type, or of one nested in it. */
export interface RawChange {
  readonly type: "change";
  /** The id that `typeOpen` gave for the observed type. */
  readonly target: number;
  readonly origin: Origin;
  readonly path: readonly (string | number)[];
  readonly delta?: readonly (TextDelta | ListDelta)[];
  readonly keys?: KeyChanges;
}

/** What happened to the steps of an undo manager. */
export interface RawUndo {
  readonly type: "undo";
  /** The number that `undoOpen` gave. */
  readonly manager: number;
  readonly change: UndoEvent["type"];
  readonly stack: UndoEvent["stack"];
  /** Names the step on its stack. */
  readonly step?: number;
}
