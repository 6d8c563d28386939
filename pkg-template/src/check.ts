/** Decides what arguments are refused here, because the border to the wasm would silently convert them. */

import { SynclineError } from "./errors.js";

/** Returns `value` when it is a Uint8Array, of this realm or another. */
export function requireBytes(value: Uint8Array, what: string): Uint8Array {
  if (Object.prototype.toString.call(value) === "[object Uint8Array]") return value;
  throw new SynclineError("bad-argument", `${what} must be a Uint8Array, not ${describe(value)}`);
}

/** Whether `value` is an object that is no array. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names what was given, for a message. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}
