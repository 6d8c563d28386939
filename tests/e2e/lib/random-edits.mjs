// Decides what random edits are, the same for every kind of client: text with emoji and formatting, a map, a list.

import * as Y from "yjs";

const STRINGS = ["a", "word ", "ß", "😀", "👩‍👩‍👧", "日本", "\n", "e\u0301", "a longer piece of text, "];
const FORMATS = [{ bold: true }, { bold: null }, { italic: true }, { color: "red" }, { color: "blue" }, { link: { href: "#" } }];
const VALUES = [null, true, 0, -1, 0.5, 1e21, 2 ** 40, "", "text 😀", [1, [2]], { a: { b: [] } }, {}];
const KEYS = ["k1", "k2", "ключ", "😀"];

/**
 * One random edit by one client, Syncline's or Yjs': both have `body`, `meta` and `todos` with the methods used here.
 * @returns {string} what was done
 */
export function randomEdit(client, random) {
  const edit = random.pick(EDITS);
  edit(client, random);
  return edit.name;
}

// Function declarations, so all are there already.
const EDITS = [
  ...[insertText, insertText, insertText, deleteText, formatText, applyDelta],
  ...[setKey, deleteKey, insertItems, deleteItems, transact],
];

function transact(client, random) {
  client.doc.transact(() => {
    for (let n = 2 + random.below(6); n > 0; n--) {
      const edit = random.pick(EDITS.filter((each) => each !== transact));
      edit(client, random);
    }
  });
}

/** What an editor does: several places at once, and embeds. */
function applyDelta({ body }, random) {
  const [from, to] = range(body, random);
  const insert = random.chance(0.3) ? { image: "a.png" } : random.pick(STRINGS);
  const delta = [{ insert, attributes: random.pick(FORMATS) }];
  if (from > 0) delta.unshift({ retain: from });
  if (to > from) delta.push(random.chance(0.5) ? { delete: to - from } : { retain: to - from, attributes: random.pick(FORMATS) });
  body.applyDelta(delta);
}

function insertText({ body }, random) {
  const at = boundary(body, random);
  const string = random.pick(STRINGS);
  if (random.chance(0.3)) body.insert(at, string, random.pick(FORMATS));
  else body.insert(at, string);
}

function deleteText({ body }, random) {
  const [from, to] = range(body, random);
  if (to > from) body.delete(from, to - from);
}

function formatText({ body }, random) {
  const [from, to] = range(body, random);
  if (to > from) body.format(from, to - from, random.pick(FORMATS));
}

function setKey({ meta }, random) {
  meta.set(random.pick(KEYS), random.pick(VALUES));
}

function deleteKey({ meta }, random) {
  meta.delete(random.pick(KEYS));
}

function insertItems({ todos }, random) {
  const items = Array.from({ length: 1 + random.below(3) }, () => random.pick(VALUES));
  const at = random.below(todos.length + 1);
  if (todos instanceof Y.Array) todos.insert(at, items);
  else todos.insert(at, ...items);
}

function deleteItems({ todos }, random) {
  if (todos.length === 0) return;
  const at = random.below(todos.length);
  todos.delete(at, 1 + random.below(Math.min(3, todos.length - at)));
}

/** A short range of the text that splits no surrogate pair at either end. */
function range(body, random) {
  const from = boundary(body, random);
  const text = textOf(body);
  return [from, outsidePair(text, Math.min(text.length, from + random.below(8)))];
}

function boundary(body, random) {
  const text = textOf(body);
  return outsidePair(text, random.below(text.length + 1));
}

/** The text with something in the place of each embed: offsets count them, `toString()` leaves them out. */
function textOf(body) {
  return body.toDelta().map(({ insert }) => (typeof insert === "string" ? insert : "\uFFFC")).join("");
}

function outsidePair(text, index) {
  return /[\udc00-\udfff]/.test(text[index] ?? "") && /[\ud800-\udbff]/.test(text[index - 1] ?? "") ? index + 1 : index;
}

/** Everything a client holds, in a form that is equal for equal documents. */
export function contentOf({ body, meta, todos }) {
  return { body: normalized(body.toDelta()), meta: meta.toJSON(), todos: todos.toJSON() };
}

/**
 * A delta says the same in several ways: Yjs begins a new insert at every formatting mark, also where it changes
 * nothing. Neighbours with equal attributes are joined.
 */
export function normalized(delta) {
  const joined = [];
  for (const { insert, attributes = {} } of delta) {
    const sorted = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    const last = joined.at(-1);
    const isText = typeof insert === "string" && typeof last?.insert === "string";
    if (isText && JSON.stringify(last.attributes) === JSON.stringify(sorted)) last.insert += insert;
    else joined.push({ insert, attributes: sorted });
  }
  return joined;
}
