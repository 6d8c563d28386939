/** Decides how a place in a text or list looks to the application: as Yjs writes its relative positions. */

/** Names an element: who made it, and which one of those it made. */
export type ElementId = { readonly client: number; readonly clock: number };

/** What a cursor sticks to: what comes after it, or what comes before it. */
export type CursorSide = "after" | "before";

/**
 * A place in a text or list, made by `cursor()` and found again by `resolve()`. Plain JSON, to be kept and sent as it is:
 * `Y.createRelativePositionFromJSON` reads it, and `Y.relativePositionToJSON` writes it.
 */
export type Cursor = {
  /** The nested type that it is in. */
  readonly type?: ElementId | null;
  /** The name of the root that it is in. */
  readonly tname?: string | null;
  /** The element that it sticks to; without one it is at the start or the end. */
  readonly item?: ElementId | null;
  /** Below 0 it sticks to what comes before it. */
  readonly assoc?: number;
};
