// Decides what random edits of nested types are: of whatever can be reached from the map `meta` and the list `todos`.

import * as Y from "yjs";

const KEYS = ["a", "b", "c"];
const KINDS = ["text", "map", "list"];

/** Everything a document holds there, of Syncline or of Yjs. */
export function contentOf(doc) {
  const [meta, todos] = doc instanceof Y.Doc ? [doc.getMap("meta"), doc.getArray("todos")] : [doc.map("meta"), doc.list("todos")];
  return { meta: meta.toJSON(), todos: todos.toJSON() };
}

/** One random edit of a document of Syncline, through the handle of one of its types. */
export function editWithSyncline(doc, random) {
  const [shared, kind] = random.pick(reachable(doc));
  if (kind === "text") editText(shared, random);
  else if (kind === "map") editMap(shared, random);
  else editList(shared, random);
}

/** An undo manager for all of them: some edits are one step. */
export function undoOf(doc) {
  return doc.undo({ scope: [doc.map("meta"), doc.list("todos")], captureTimeout: 0 });
}

/** Some steps back, and fewer of them forth. */
export function turnSome(undo, random) {
  for (let steps = 1 + random.below(5); steps > 0; steps--) undo.undo();
  for (let steps = random.below(5); steps > 0; steps--) undo.redo();
}

/** All types of a document that can be reached, with what they are. */
function reachable(doc) {
  const found = [[doc.map("meta"), "map"], [doc.list("todos"), "list"]];
  for (const [shared, kind] of found) {
    const places = { text: () => [], map: () => shared.keys(), list: () => [...shared.toJSON().keys()] }[kind]();
    for (const place of places) {
      const inner = KINDS.find((each) => shared[each](place));
      if (inner) found.push([shared[inner](place), inner]);
    }
  }
  return found;
}

function editText(text, random) {
  const at = random.below(text.length + 1);
  if (random.chance(0.3)) text.delete(at, Math.min(random.below(4), text.length - at));
  else text.insert(at, `s${random.below(100)}`, random.pick([undefined, { bold: true }]));
}

function editMap(map, random) {
  const key = random.pick(KEYS);
  const edits = [
    () => map.delete(key),
    () => map.set(key, random.below(100)),
    () => map.setText(key, "new"),
    () => map.setMap(key, { a: 1 }),
    () => map.setList(key, [1, 2]),
  ];
  random.pick(edits)();
}

function editList(list, random) {
  const at = random.below(list.length + 1);
  const edits = [
    () => list.delete(at, Math.min(random.below(3), list.length - at)),
    () => list.insert(at, random.below(100)),
    () => list.insertText(at, "new"),
    () => list.insertMap(at, { a: 1 }),
    () => list.insertList(at, [1, 2]),
  ];
  random.pick(edits)();
}

/** One random edit of a document of Yjs. */
export function editWithYjs(ydoc, random) {
  const found = [ydoc.getMap("meta"), ydoc.getArray("todos")];
  for (const shared of found) {
    const inside = shared instanceof Y.Map ? [...shared.values()] : shared instanceof Y.Array ? shared.toArray() : [];
    found.push(...inside.filter((inner) => inner instanceof Y.AbstractType));
  }
  const shared = random.pick(found);
  const made = [() => random.below(100), () => new Y.Text("theirs"), () => new Y.Map([["a", 2]]), () => Y.Array.from([3])];
  const value = () => random.pick(made)();
  if (shared instanceof Y.Map) {
    const key = random.pick(KEYS);
    if (random.chance(0.2)) shared.delete(key);
    else shared.set(key, value());
    return;
  }
  const at = random.below(shared.length + 1);
  if (random.chance(0.3)) shared.delete(at, Math.min(random.below(4), shared.length - at));
  else if (shared instanceof Y.Text) shared.insert(at, `y${random.below(100)}`);
  else shared.insert(at, [value()]);
}
