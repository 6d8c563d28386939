/** Decides how a change of a shared text is said in CodeMirror, and how a change of CodeMirror is made in a shared text. */

import { ChangeSet, type Text as Content } from "@codemirror/state";
import type { Cursor } from "./cursor.js";
import type { Text } from "./text.js";
import { shown, withoutHalves } from "./text-units.js";
import type { TextDelta } from "./types.js";

/** The only line break: with any other, positions in CodeMirror would not be those in the text. */
export const LINE_BREAK = "\n";

/** A delta of a text that is `length` long, as changes. Throws where it goes beyond that. */
export function changesOf(delta: readonly TextDelta[], length: number): ChangeSet {
  const changes: { from: number; to?: number; insert?: string }[] = [];
  let from = 0;
  for (const step of delta) {
    if ("retain" in step) {
      from += step.retain;
    } else if ("delete" in step) {
      changes.push({ from, to: from + step.delete });
      from += step.delete;
    } else {
      changes.push({ from, insert: shown(step.insert) });
    }
  }
  return ChangeSet.of(changes, length, LINE_BREAK);
}

/** The one change that makes `after` of `before`. */
export function difference(before: string, after: string): ChangeSet {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const change = { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
  return ChangeSet.of(change, before.length, LINE_BREAK);
}

/**
 * `changes` of `content` without what a text cannot hold: an edge within a surrogate pair moves out of it, and half a
 * pair that is inserted becomes U+FFFD. The same object where there is nothing of that.
 */
export function wellFormed(changes: ChangeSet, content: Content): ChangeSet {
  const better: { from: number; to: number; insert: string }[] = [];
  let isBetter = false;
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const typed = stringOf(inserted);
    const insert = withoutHalves(typed);
    // What is only inserted goes behind the pair: nobody asked for the pair to go.
    const start = splitsPair(content, from) ? (from === to ? from + 1 : from - 1) : from;
    const end = splitsPair(content, to) ? to + 1 : to;
    if (insert !== typed || start !== from || end !== to) isBetter = true;
    better.push({ from: start, to: end, insert });
  });
  return isBetter ? ChangeSet.of(better, content.length, LINE_BREAK) : changes;
}

/** The same changes, with what is deleted and inserted at one place as one: what was selected behind it stays there. */
export function joined(changes: ChangeSet): ChangeSet {
  const all: { from: number; to: number; insert: Content }[] = [];
  changes.iterChanges((from, to, _fromB, _toB, insert) => all.push({ from, to, insert }));
  return ChangeSet.of(all, changes.length, LINE_BREAK);
}

/** Whether the first half of a surrogate pair stands before `position`, and no second behind it. */
export function endsInHalf(content: Content, position: number): boolean {
  const [before, after] = [position - 1, position].map((at) => content.sliceString(at, at + 1, LINE_BREAK));
  return /^[\ud800-\udbff]$/.test(before ?? "") && !/^[\udc00-\udfff]$/.test(after ?? "");
}

/** Makes `changes` in the text. What is inserted takes on the formatting of its place. */
export function write(changes: ChangeSet, text: Text): void {
  const steps: { from: number; length: number; insert: string }[] = [];
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    steps.push({ from, length: to - from, insert: stringOf(inserted) });
  });
  // From the end, so that what stands before keeps its place.
  for (const { from, length, insert } of steps.reverse()) {
    if (length > 0) text.delete(from, length);
    if (insert.length > 0) text.insert(from, insert);
  }
}

/** The cursor at a position in the text, which holds `content`. Within a surrogate pair it is that before it. */
export function cursorAt(text: Text, content: Content, position: number): Cursor {
  return text.cursor(splitsPair(content, position) ? position - 1 : position);
}

/** Whether both delete and insert the same. */
export function isSame(a: ChangeSet, b: ChangeSet): boolean {
  return a.length === b.length && JSON.stringify(stepsOf(a)) === JSON.stringify(stepsOf(b));
}

function stepsOf(changes: ChangeSet): unknown[] {
  const steps: unknown[] = [];
  changes.iterChanges((from, to, _fromB, _toB, inserted) => steps.push([from, to, stringOf(inserted)]));
  return steps;
}

function stringOf(content: Content): string {
  return content.sliceString(0, content.length, LINE_BREAK);
}

function splitsPair(content: Content, position: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(content.sliceString(position - 1, position + 1, LINE_BREAK));
}
