/** Decides how the handles see the wasm: as the functions that bindgen declares, over numeric ids. */

import type { Trap } from "./life.js";
import type { Exports } from "./syncline.js";
import type { KeyChanges, ListDelta, Origin, PresenceChange, Problem, Status, TextDelta, UpdateEvent } from "./types.js";
import type { UndoEvent } from "./undo.js";

/**
 * What the handles call: the exports of the wasm, in whichever instance there is. Their types are the generated ones; where
 * those say `any`, the handle that makes the call states the type. Every function may throw a SynclineError.
 */
export interface Raw extends Omit<Exports, Inner> {
  /** Opens a document and returns its number; `deliver` is called with its events, one at a time. */
  docOpen(url: string, room: string, options: object | undefined, deliver: (event: RawEvent) => void): number;
}

/** What only those call who keep the documents. */
type Inner = "docCheckpoint" | "docOpen" | "docReplay" | "inHand" | "start";

/** One event of a document: what the wasm tells of it, and that another instance goes on with it. */
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
  | ({ readonly type: "problem" } & Problem)
  | { readonly type: "recovered"; readonly reason: Trap };

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
