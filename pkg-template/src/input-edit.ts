/** Decides what was edited where one string became another, and where the places of a text are after a change. */

import { lengthOf, shown } from "./text-units.js";
import type { TextDelta } from "./types.js";

/** The range from `start` to `end` of a string has become `inserted`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly inserted: string;
}

/** From where to where, in UTF-16 code units. */
export type Range = readonly [from: number, to: number];

/** On which side of what is inserted at a place the place is afterwards. */
export type Side = "before" | "after";

/**
 * The least edit that makes `after` of `before`, if there is any. Where several would do, as in a row of equal letters,
 * it is the one that ends at `caret`, a place in `after`. A surrogate pair is replaced as a whole.
 */
export function editBetween(before: string, after: string, caret = after.length): Edit | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  const behind = after.slice(caret);
  let tail = behind.length <= shorter && before.endsWith(behind) ? behind.length : 0;
  let head = 0;
  while (head < shorter - tail && before.charCodeAt(head) === after.charCodeAt(head)) head += 1;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (head > 0 && isHighSurrogate(before.charCodeAt(head - 1))) head -= 1;
  if (tail > 0 && isLowSurrogate(before.charCodeAt(before.length - tail))) tail -= 1;
  return { start: head, end: before.length - tail, inserted: after.slice(head, after.length - tail) };
}

/** Where a place is after `delta`; `side` says on which side of what is inserted right there. */
export function placeAfter(delta: readonly TextDelta[], place: number, side: Side): number {
  let [before, after] = [0, 0];
  for (const step of delta) {
    if ("insert" in step) {
      if (before === place && side === "before") return after;
      after += lengthOf(step);
      continue;
    }
    const end = before + ("retain" in step ? step.retain : step.delete);
    if (place < end) return "retain" in step ? after + place - before : after;
    if ("retain" in step) after += step.retain;
    before = end;
  }
  return after + place - before;
}

/** What is left of `ranges` after `delta`, without what was inserted into them. */
export function rangesAfter(delta: readonly TextDelta[], ranges: readonly Range[]): Range[] {
  // The rest of the text is retained without a word.
  const steps: readonly TextDelta[] = [...delta, { retain: Infinity }];
  const left: Range[] = [];
  let [before, after] = [0, 0];
  for (const step of steps) {
    if ("insert" in step) {
      after += lengthOf(step);
      continue;
    }
    const end = before + ("retain" in step ? step.retain : step.delete);
    if ("retain" in step) {
      for (const [from, to] of ranges) {
        const [first, last] = [Math.max(from, before), Math.min(to, end)];
        if (first < last) left.push([first - before + after, last - before + after]);
      }
      after += step.retain;
    }
    before = end;
  }
  return left;
}

/** What `delta` makes of `content`, in which an embed is one character. */
export function applied(delta: readonly TextDelta[], content: string): string {
  let [result, at] = ["", 0];
  for (const step of delta) {
    if ("insert" in step) result += shown(step.insert);
    else if ("delete" in step) at += step.delete;
    else result += content.slice(at, (at += step.retain));
  }
  return result + content.slice(at);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
