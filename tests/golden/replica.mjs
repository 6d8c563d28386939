// Writes replica.json: what yjs makes of edits, as updates and as the content that they lead to.
// Run `node tests/golden/replica.mjs` after a change here or of the yjs version; the result is committed.
import { writeFileSync } from "node:fs";
import * as Y from "yjs";

const hex = (bytes) => Buffer.from(bytes).toString("hex");

function document(clientID) {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  return doc;
}

/** Applies one of the edits that the Rust test replays with the methods of the same names. */
function edit(text, [method, ...args]) {
  text[method](...args);
}

/** Sessions of random edits, the same at every run. */
function* sessions(count, length) {
  let seed = 1;
  const below = (bound) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % bound;
  };
  const pick = (items) => items[below(items.length)];
  const formats = [{ bold: true }, { bold: null }, { color: "red" }, { color: null, italic: true }, { color: "blue" }];
  const attributes = () => (below(4) === 0 ? pick([{}, { bold: true }, { color: "red", bold: true }]) : undefined);
  for (let session = 0; session < count; session++) {
    const edits = [];
    let size = 0;
    for (let step = 0; step < length; step++) {
      const index = below(size + 1);
      const len = Math.min(below(5), size - index);
      switch (below(6)) {
        case 0:
          edits.push(["delete", index, len]);
          size -= len;
          break;
        case 1:
          edits.push(["format", index, len, pick(formats)]);
          break;
        case 2: {
          const insert = pick(["xy", { image: "a.png" }]);
          const op = { insert, ...(below(2) ? { attributes: { bold: true } } : {}) };
          edits.push(["applyDelta", [...(index ? [{ retain: index }] : []), op]]);
          size += insert.length ?? 1;
          break;
        }
        default: {
          const string = pick(["a", "bc", "def", "é"]);
          const given = attributes();
          edits.push(["insert", index, string, ...(given ? [given] : [])]);
          size += string.length;
        }
      }
    }
    yield edits;
  }
}

const written = [
  [["insert", 0, "a😀b", { bold: true }], ["insert", 4, "c"], ["insert", 0, "d"], ["insert", 4, "e", {}]],
  [["insert", 0, "abcd"], ["format", 1, 2, { bold: true }], ["delete", 1, 2], ["insert", 1, "x"]],
  [["insert", 0, "abcd"], ["format", 1, 2, { bold: true }], ["insert", 3, "x"], ["delete", 2, 1], ["insert", 2, "y"]],
  [["insert", 0, "abcd"], ["format", 0, 4, { bold: true }], ["format", 1, 2, { bold: null, color: "red" }]],
];

const texts = [...written, ...sessions(100, 15)].map((edits) => {
  const doc = document(7);
  const text = doc.getText("text");
  edits.forEach((one) => edit(text, one));
  return { edits, update: hex(Y.encodeStateAsUpdate(doc)), delta: text.toDelta() };
});

/** Types in types, and what happens to them. */
function nested() {
  const doc = document(2 ** 53 - 1);
  const updates = [];
  doc.on("update", (update) => updates.push(hex(update)));
  const map = doc.getMap("map");
  const list = doc.getArray("list");
  const text = new Y.Text("hi 😀");
  const inner = new Y.Map([["a", 1]]);
  doc.transact(() => {
    map.set("text", text);
    map.set("plain", { b: [null, true, 1.5, "s"], big: 2 ** 40 });
    const xml = new Y.XmlElement("p");
    xml.setAttribute("class", "c");
    xml.insert(0, [new Y.XmlText("in")]);
    map.set("xml", xml);
    list.insert(0, ["first", new Y.Array(), inner]);
  });
  text.insert(5, "!", { bold: true });
  inner.set("a", 2);
  doc.transact(() => {
    list.get(1).push([9]);
    list.delete(0, 1);
  });
  map.delete("text");
  return { updates, map: map.toJSON(), list: list.toJSON() };
}

/** A text in a map that is deleted and brought back by undo, as an update for each step. */
function undone() {
  const doc = document(9);
  const updates = [];
  doc.on("update", (update) => updates.push(hex(update)));
  const map = doc.getMap("map");
  const undo = new Y.UndoManager(map, { captureTimeout: 0 });
  doc.transact(() => map.set("text", new Y.Text("from yjs")));
  map.delete("text");
  undo.undo();
  return updates;
}

const target = new URL("replica.json", import.meta.url);
writeFileSync(target, `${JSON.stringify({ texts, nested: nested(), undone: undone() })}\n`);
