/** Decides when a snapshot is the same as the one before it: as a whole, or in parts. */

import { isRecord } from "./check.js";

/**
 * Returns `before` if `after` holds the same; else `after`, frozen, with every part that is as it was replaced by the part
 * of `before`. So what did not change keeps its identity, and components that show it need not be rendered.
 */
export function kept<Snapshot>(before: unknown, after: Snapshot): Snapshot {
  if (isSame(before, after)) return before as Snapshot;
  if (Array.isArray(after)) keepItems(Array.isArray(before) ? before : [], after);
  else if (isFields(after)) keepFields(isFields(before) ? before : {}, after);
  else return after;
  return Object.freeze(after);
}

/** Items are compared from both ends: mostly some were put in or taken out in one place. */
function keepItems(before: readonly unknown[], after: unknown[]): void {
  const shorter = Math.min(before.length, after.length);
  const shift = before.length - after.length;
  let head = 0;
  for (; head < shorter && isSame(before[head], after[head]); head += 1) after[head] = before[head];
  let tail = after.length;
  for (; tail + Math.min(shift, 0) > head && isSame(before[tail - 1 + shift], after[tail - 1]); tail -= 1) {
    after[tail - 1] = before[tail - 1 + shift];
  }
  for (let at = head; at < tail; at += 1) after[at] = kept(before[at], after[at]);
}

function keepFields(before: Fields, after: Fields): void {
  for (const [key, field] of Object.entries(after)) {
    const value = kept(Object.hasOwn(before, key) ? before[key] : undefined, field);
    // Not assigned: `__proto__` may be a key like any other.
    if (value !== field) Object.defineProperty(after, key, { value });
  }
}

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => isSame(item, other[at]));
  }
  if (isBytes(one)) return isBytes(other) && one.length === other.length && one.every((byte, at) => byte === other[at]);
  if (!isFields(one) || !isFields(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]));
}

type Fields = { readonly [key: string]: unknown };

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isFields(value: unknown): value is Fields {
  return isRecord(value) && !isBytes(value);
}
