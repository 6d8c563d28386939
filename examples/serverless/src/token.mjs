// Decides who may enter a room: whoever has a JWT (HS256) for it that has not expired.

import { createHmac, timingSafeEqual } from "node:crypto";

const MAX_TOKEN_LENGTH = 4_096;
const MIN_SECRET_LENGTH = 16;

/**
 * @typedef {{ room: string, exp: number, access?: "read-only" | "read-write" }} Claims `exp` in seconds
 * @typedef {{ access: "read-only" | "read-write" } | { refused: 401 | 403 }} Verdict
 */

/**
 * @param {string | undefined} token
 * @param {string} room
 * @param {string} secret
 * @returns {Verdict}
 */
export function checkToken(token, room, secret, now = Date.now()) {
  const claims = claimsOf(token, secret);
  if (claims === undefined || typeof claims.exp !== "number" || claims.exp * 1000 <= now) return { refused: 401 };
  if (claims.nbf !== undefined && !(claims.nbf * 1000 <= now)) return { refused: 401 };
  if (claims.room !== room) return { refused: 403 };
  const { access = "read-write" } = claims;
  return access === "read-write" || access === "read-only" ? { access } : { refused: 403 };
}

/**
 * Makes a token: what your own server does for somebody who is logged in.
 * @param {Claims} claims
 * @param {string} secret
 */
export function signToken(claims, secret) {
  const content = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${content}.${signatureOf(content, secret).toString("base64url")}`;
}

/** What a token says, if it was signed with this secret. */
function claimsOf(token, secret) {
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) return undefined;
  const [header, payload, signature, ...rest] = token.split(".");
  if (signature === undefined || rest.length > 0 || jsonOf(header)?.alg !== "HS256") return undefined;
  const expected = signatureOf(`${header}.${payload}`, secret);
  const given = Buffer.from(signature, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected) ? (jsonOf(payload) ?? undefined) : undefined;
}

function signatureOf(content, secret) {
  // An empty secret would let everybody sign.
  if (!secret || secret.length < MIN_SECRET_LENGTH)
    throw new Error(`TOKEN_SECRET must have at least ${MIN_SECRET_LENGTH} characters`);
  return createHmac("sha256", secret).update(content).digest();
}

function jsonOf(part) {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
