/** Decides how a change of a shared type looks to its observers. */

import type { RawChange } from "./raw.js";
import type { ListChange, ListDelta, MapChange, NestedChange, TextChange, TextDelta } from "./types.js";

/** A change as the observers of a text see it. */
export function toTextChange(event: RawChange): TextChange {
  const nested = toNestedChange(event);
  // The wasm sends the kind of delta that belongs to the observed type.
  if (!nested) return { origin: event.origin, delta: (event.delta ?? []) as readonly TextDelta[] };
  return { origin: event.origin, delta: [], nested };
}

/** A change as the observers of a list see it. */
export function toListChange(event: RawChange): ListChange {
  const nested = toNestedChange(event);
  if (!nested) return { origin: event.origin, delta: (event.delta ?? []) as readonly ListDelta[] };
  return { origin: event.origin, delta: [], nested };
}

/** A change as the observers of a map see it. */
export function toMapChange(event: RawChange): MapChange {
  const nested = toNestedChange(event);
  if (!nested) return { origin: event.origin, keys: event.keys ?? {} };
  return { origin: event.origin, keys: {}, nested };
}

function toNestedChange({ path, delta, keys }: RawChange): NestedChange | undefined {
  if (path.length === 0) return undefined;
  return { path, ...(delta && { delta }), ...(keys && { keys }) };
}
