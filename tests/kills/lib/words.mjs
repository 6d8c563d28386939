// Decides what is typed while others are killed, and what of it must be there: words that say whose they are and which.
//
// A client's words are numbered, and none is sent or stored without those before it. So of each client there is a beginning,
// whole, each word once, and it reaches at least as far as was promised.

import assert from "node:assert/strict";

/** The `number`th word of a client. */
export function word(name, number) {
  return `${name}.${number};`;
}

/**
 * How many words of each client there are.
 * @param {string} text
 * @returns {Map<string, number>}
 */
export function countWords(text) {
  const seen = new Map();
  const words = text.split(";");
  assert.equal(words.pop(), "", `the text ends within a word: ${text.slice(-40)}`);
  for (const each of words) {
    const [, name, number] = /^([a-z]+\d*)\.(\d+)$/.exec(each) ?? [];
    assert(name, `nobody typed '${each.slice(0, 60)}'`);
    seen.set(name, [...(seen.get(name) ?? []), Number(number)]);
  }
  return new Map([...seen].map(([name, numbers]) => [name, lengthOf(name, numbers)]));
}

/** How many there are of those who are here, which must be the first ones, each once. */
function lengthOf(name, numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const wrong = sorted.findIndex((number, at) => number !== at + 1);
  assert.equal(wrong, -1, `of ${name} word ${wrong + 1} is not there, or twice: ${sorted.slice(Math.max(0, wrong - 2), wrong + 3)} of ${sorted.length}`);
  return sorted.length;
}

/** The promised words that are not there: of which client, how many were promised, and how many there are. */
export function missing(text, promises) {
  const there = countWords(text);
  return promises.filter(({ name, count }) => (there.get(name) ?? 0) < count).map((promise) => ({ ...promise, there: there.get(promise.name) ?? 0 }));
}
