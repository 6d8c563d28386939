/** Decides what may become JSON: only what comes out of it again. */

import { SynclineError } from "./errors.js";

/** `value` as JSON; refused with code `bad-value` where JSON would lose something of it. `what` names it in the message. */
export function toJson(value: unknown, what: string): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value, (key, part: unknown) => refuseWhatJsonLoses(key ? `'${key}' of ${what}` : what, part));
  } catch (error) {
    if (error instanceof SynclineError) throw error;
    throw badValue(`${what} is not JSON: ${String(error)}`);
  }
  if (json === undefined) throw badValue(`${what} is not JSON`);
  return json;
}

export function badValue(message: string): SynclineError {
  return new SynclineError("bad-value", message);
}

/** JSON.stringify would drop functions and symbols and write NaN as null: the others would see something else. */
function refuseWhatJsonLoses(what: string, value: unknown): unknown {
  const kind = typeof value;
  const isLost = kind === "number" ? !Number.isFinite(value) : ["function", "symbol", "bigint"].includes(kind);
  if (!isLost) return value;
  throw badValue(`${what} is ${kind === "number" ? String(value) : `a ${kind}`}, which JSON cannot hold`);
}
