// Decides how a program writes what it has found into a page of the documentation: between two marks that name the program,
// in the place of what it found before.

import { Problem } from "./problem.mjs";

/** Whether a page has a place for what `writer` finds. */
export function hasMarks(page, writer) {
  return placeOf(page, writer) !== undefined;
}

/**
 * The page with the text on lines of its own between the marks of `writer`.
 * @param {string} what the text is, for whoever learns that there is no place for it
 */
export function betweenMarks(page, writer, what, text) {
  const place = placeOf(page, writer);
  if (place === undefined) {
    throw new Problem(`There is no place for the ${what}: '${mark(writer, "begin")}' and '${mark(writer, "end")}' are missing.`);
  }
  return `${page.slice(0, place.from)}\n${text}\n${page.slice(place.to)}`;
}

function placeOf(page, writer) {
  const begin = mark(writer, "begin");
  const [at, to] = [page.indexOf(begin), page.indexOf(mark(writer, "end"))];
  return at >= 0 && to > at ? { from: at + begin.length, to } : undefined;
}

function mark(writer, which) {
  return `<!-- written by ${writer}: ${which} -->`;
}
