/** Decides how a shared text is counted and shown where there are only characters: in UTF-16 code units, an embed as one. */

import type { Text } from "./text.js";
import type { TextDelta } from "./types.js";

/** What stands for something that is no text: the character that Unicode has for it. */
const EMBED = "\uFFFC";

/** What is inserted, as characters. */
export function shown(insert: string | object): string {
  return typeof insert === "string" ? insert : EMBED;
}

/** How long a step is. */
export function lengthOf(step: TextDelta): number {
  if ("insert" in step) return shown(step.insert).length;
  return "retain" in step ? step.retain : step.delete;
}

/** The text with one character for each embed, so that places in it are those of the text. */
export function contentOf(text: Text): string {
  const plain = text.toString();
  if (plain.length === text.length) return plain;
  return text
    .toDelta()
    .map((step) => ("insert" in step ? shown(step.insert) : ""))
    .join("");
}

/** The string with each half of a surrogate pair that stands alone replaced: a text holds none. */
export function withoutHalves(string: string): string {
  return string.replace(/\p{Surrogate}/gu, "\uFFFD");
}
