/** Decides what of an argument is kept where the application may change it: arrays, plain objects and bytes are copied. */

/** A copy of what a document can hold; anything else as it is. */
export function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Uint8Array) return value.slice();
  // As the wasm reads it: the own properties that can be listed. `__proto__` may be one of them.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copied(item)]));
}
