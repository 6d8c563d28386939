/** Decides what a token function's answer is worth: which token it brings, and how long that is valid. */

import { describe, isRecord } from "./check.js";
import { SynclineError } from "./errors.js";
import type { Options, TokenAnswer } from "./options.js";

/** A token with how long it is valid from here on, in milliseconds, where that is known. */
export interface Token {
  readonly token: string;
  readonly expiresIn?: number;
}

/** The options as the wasm takes them: with a token function that brings a {@link Token} or rejects. */
export function withTokens(options: Options | undefined): object | undefined {
  const source = options?.token;
  if (typeof source !== "function") return options;
  return { ...options, token: async () => read(await source()) };
}

function read(answer: TokenAnswer): Token {
  const { token, expiresIn = lifetimeOf(token) } = isRecord(answer) ? (answer as Token) : { token: answer };
  // Nothing here shows the answer: it may hold a token.
  if (typeof token !== "string") throw bad(`gave ${describe(token)} instead of a token`);
  if (!token) throw bad("gave an empty token");
  if (expiresIn === undefined) return { token };
  if (!(expiresIn >= 0)) throw bad("gave an expiresIn that is no number of milliseconds from 0");
  return { token, expiresIn };
}

/**
 * How long a JSON Web Token is valid, as it says itself; undefined for any other text. Not longer than from its issue on,
 * because this clock may be behind; zero where it is over, also because this clock may be ahead.
 */
function lifetimeOf(token: unknown): number | undefined {
  try {
    const [, payload, signature] = (token as string).split(".");
    if (signature === undefined) return undefined;
    // Names and numbers are ASCII; what is not becomes other letters.
    const claims: unknown = JSON.parse(atob(payload!.replace(/-/g, "+").replace(/_/g, "/")));
    if (!isRecord(claims) || typeof claims["exp"] !== "number") return undefined;
    const { exp, iat } = claims as { exp: number; iat?: unknown };
    const issued = typeof iat === "number" ? iat * 1000 : -Infinity;
    return Math.max(0, exp * 1000 - Math.max(Date.now(), issued));
  } catch {
    return undefined;
  }
}

function bad(what: string): SynclineError {
  return new SynclineError("bad-value", `the token function ${what}`);
}
