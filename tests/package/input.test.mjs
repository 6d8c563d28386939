// What a form element and its text tell each other, without a browser: edits, places, line breaks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { random, seeds } from "../e2e/lib/random.mjs";
import { importBuilt } from "./helpers/built.mjs";

const { applied, editBetween, placeAfter, rangesAfter } = await importBuilt("input-edit.js");
const { withoutHalves } = await importBuilt("text-units.js");
const { contentPlace, shownPlace, toShown } = await importBuilt("input-lines.js");

const PIECES = ["a", "aa", "b", "😀", "😁", "\r\n", "\r", "\n", " "];

/** A short text, mostly of letters that repeat. */
function textOf({ below, pick }) {
  return Array.from({ length: below(8) }, () => pick(PIECES)).join("");
}

/** A delta of a text of this length. */
function deltaOf({ below, pick }, length) {
  const delta = [];
  for (let rest = length; rest > 0 && delta.length < 6; ) {
    const step = Math.min(1 + below(3), rest);
    const kind = pick(["insert", "retain", "delete", "embed"]);
    if (kind === "insert") delta.push({ insert: pick(PIECES) });
    else if (kind === "embed") delta.push({ insert: { image: "a.png" } });
    else delta.push({ [kind]: step });
    if (kind === "retain" || kind === "delete") rest -= step;
  }
  return delta;
}

test("an edit is where the caret says, as far as it can be", () => {
  const edits = [
    ["aaaa", "aaaaa", 3, { start: 2, end: 2, inserted: "a" }],
    ["aaaa", "aaaaa", 1, { start: 0, end: 0, inserted: "a" }],
    ["aaaa", "aaa", 1, { start: 1, end: 2, inserted: "" }],
    ["aaaa", "aaa", 0, { start: 0, end: 1, inserted: "" }],
    ["one two", "one 2", 5, { start: 4, end: 7, inserted: "2" }],
    ["xaby", "xay", 2, { start: 2, end: 3, inserted: "" }],
    ["ab", "abcd", 2, { start: 2, end: 2, inserted: "cd" }],
    ["😀", "😁", 2, { start: 0, end: 2, inserted: "😁" }],
    ["😀", "🤀", 2, { start: 0, end: 2, inserted: "🤀" }],
    ["😀😀", "😀", 2, { start: 2, end: 4, inserted: "" }],
    ["a", "b", 99, { start: 0, end: 1, inserted: "b" }],
    ["", "a", undefined, { start: 0, end: 0, inserted: "a" }],
  ];
  for (const [before, after, caret, edit] of edits) assert.deepEqual(editBetween(before, after, caret), edit, `${before} ${after}`);
  assert.equal(editBetween("a", "a", 1), undefined);
});

test("an edit makes of one text the other, whatever the caret says, and splits no pair", () => {
  for (const seed of seeds(1, 2, 3)) {
    const source = random(seed);
    for (let round = 0; round < 2_000; round += 1) {
      const [before, after] = [textOf(source), textOf(source)];
      const edit = editBetween(before, after, source.below(after.length + 2));
      if (!edit) continue;
      const { start, end, inserted } = edit;
      const context = JSON.stringify({ seed, before, after, edit });
      assert.equal(before.slice(0, start) + inserted + before.slice(end), after, context);
      for (const part of [inserted, before.slice(0, start), before.slice(start, end)]) assert(part.isWellFormed(), context);
    }
  }
});

test("places and ranges are after a change where their neighbours are", () => {
  for (const seed of seeds(1, 2, 3)) {
    const source = random(seed);
    for (let round = 0; round < 2_000; round += 1) {
      // Each character another one, so that it can be found again.
      const before = "abcdefghij".slice(0, source.below(11));
      const delta = deltaOf(source, before.length).map((step) => (typeof step.insert === "string" ? { insert: step.insert.toUpperCase() } : step));
      const after = applied(delta, before);
      const context = JSON.stringify({ seed, before, delta, after });
      const place = source.below(before.length + 1);
      const [first, last] = ["before", "after"].map((side) => placeAfter(delta, place, side));
      assert(first <= last && last <= after.length, context);
      for (const letter of before.slice(0, place)) if (after.includes(letter)) assert(after.indexOf(letter) < first, context);
      for (const letter of before.slice(place)) if (after.includes(letter)) assert(after.indexOf(letter) >= last, context);

      const range = [place, place + source.below(before.length - place + 1)];
      const left = rangesAfter(delta, [range]).map(([from, to]) => after.slice(from, to)).join("");
      assert.equal(left, [...before.slice(...range)].filter((letter) => after.includes(letter)).join(""), context);
    }
  }
});

test("each place in what is shown is one in the text, and the way back leads there", () => {
  const source = random(1);
  for (let round = 0; round < 2_000; round += 1) {
    const content = textOf(source);
    for (const lineBreak of ["\n", " "]) {
      const shown = toShown(content, lineBreak);
      assert.doesNotMatch(shown, lineBreak === "\n" ? /\r/ : /[\r\n]/);
      for (let place = 0; place <= shown.length; place += 1) {
        const inContent = contentPlace(content, place);
        assert.equal(shownPlace(content, inContent), place);
        assert.equal(toShown(content.slice(0, inContent), lineBreak), shown.slice(0, place));
      }
    }
  }
});

test("halves of surrogate pairs are replaced, pairs are not", () => {
  assert.equal(withoutHalves("a😀\uD83D b\uDE00\uD83D\uD83D\uDE00"), "a😀\uFFFD b\uFFFD\uFFFD😀");
});
