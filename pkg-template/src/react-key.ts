/** Decides which calls of `useDoc` mean the same document: those with the same key. */

/** How deep options are nested; what lies deeper is nothing that they know. */
const MAX_DEPTH = 3;

/** Numbers for objects that are told apart by identity, such as a `console`. */
const numbers = new WeakMap<object, number>();
let numbered = 0;

/**
 * The same text for the same content, in whatever order and in which objects it was written. Functions count as equal:
 * in a component they are new at every render.
 */
export function keyOf(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "f()";
  if (typeof value !== "object" || value === null) return String(value);
  if (depth >= MAX_DEPTH) return numberOf(value);
  if (Array.isArray(value)) return `[${value.map((item) => keyOf(item, depth + 1)).join()}]`;
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)) return numberOf(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const keys = fields.map(([name, field]) => `${JSON.stringify(name)}:${keyOf(field, depth + 1)}`);
  return `{${keys.sort().join()}}`;
}

function numberOf(value: object): string {
  const number = numbers.get(value) ?? (numbered += 1);
  numbers.set(value, number);
  return `#${number}`;
}
