/** Decides what may be a transaction: anything that ends before it returns. */

import { SynclineError } from "./errors.js";

/** What a transaction may return: anything but a promise. */
export type Synchronous<Result> = Result extends PromiseLike<unknown> ? "a transaction cannot be asynchronous" : unknown;

export function synchronous<Result>(result: Result): Result {
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") throw asyncTransaction();
  return result;
}

export function asyncTransaction(): SynclineError {
  return new SynclineError("bad-argument", "a transaction cannot be asynchronous: await before or after transact()");
}
