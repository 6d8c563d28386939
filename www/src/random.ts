/** Decides how ids are made: `crypto.randomUUID` is missing on plain http pages, such as this demo opened from a phone on the same network. */

/** Returns `length` random lower-case letters and digits. */
export function randomId(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}

// 32 characters, so that every one is equally likely; without l, o, 0 and 1, which are mistaken for each other.
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
