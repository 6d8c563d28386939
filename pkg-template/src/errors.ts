/** Decides how failures look to the application: one error class whose `code` is one of a closed set. */

/** All codes of {@link SynclineError}; a test compares them with those of the wasm. */
export const ERROR_CODES = [
  /** The server's address is not a WebSocket URL. */
  "bad-url",
  /** `open` was given an option that does not exist, or a value that the option does not accept. */
  "bad-option",
  /** An argument has the wrong type. */
  "bad-argument",
  /** A value cannot be kept in a document or in a presence state, such as a function. */
  "bad-value",
  /** An index or a length lies outside the content, or is not a whole number. */
  "out-of-range",
  /** An index lies between the two halves of a surrogate pair, such as within an emoji. */
  "split-surrogate",
  /** The name already belongs to a text, map or list, and another kind was asked for. */
  "wrong-kind",
  /** The text, map or list stood in another one, and was deleted with what it stood in. */
  "deleted",
  /** The document has been closed. */
  "closed",
  /** The bytes are not an update, or not one that can be applied. */
  "bad-update",
  /** The bytes are not a snapshot, or not one that can be read. */
  "bad-snapshot",
  /** The update holds content that Syncline cannot read, such as sub-documents. */
  "unsupported-content",
  /** Too many bytes wait for changes that have not arrived; see the option `maxHeldBytes`. */
  "too-much-held",
  /** The bytes have ended an instance of the wasm before, and are not looked at again. */
  "quarantined",
  /** The protocol of the server has no place for what was asked for. */
  "unsupported",
  /** There is no WebSocket in this environment and none was passed as the option `WebSocket`. */
  "no-websocket",
  /** The connection was given up for good, so what was waited for cannot happen. */
  "stopped",
  /** The document is not kept on this device, so what was waited for cannot happen. */
  "not-stored",
  /** The wasm could not be loaded. */
  "load-failed",
  /** Syncline does not survive the call, a defect of it: the call was left out, and all else is as it was. */
  "trapped",
  /** A defect of Syncline. */
  "internal",
] as const;

/** What went wrong, for programs. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** The only error that Syncline throws. `code` is for programs, `message` for people. */
export class SynclineError extends Error {
  override readonly name = "SynclineError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
