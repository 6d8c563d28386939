// Decides how a document of Yjs takes part in a session: what it is asked, in the words that it shares with one of Syncline.

import * as Y from "yjs";
import { ROOTS, XML_ROOT } from "./content.mjs";

/** The origin of what comes from others: an undo manager takes no notice of it. */
const NETWORK = "network";
/** A text of XML is a text, an element is a fragment. */
const KINDS = [[Y.Text, "text"], [Y.Map, "map"], [Y.Array, "list"], [Y.XmlFragment, "xml"]];
/** On which side of a place the character is that it sticks to. */
const SIDES = { after: 0, before: -1 };
const GETTERS = { text: "getText", map: "getMap", list: "getArray", xml: "getXmlFragment" };

export class YjsPeer {
  doc;
  #roots;
  #undo;

  /** `onUpdate` is told every change with whether it was made here. */
  static async open(peer, onUpdate) {
    return new YjsPeer(peer, onUpdate);
  }

  constructor({ id, undo, keeps = false }, onUpdate) {
    // To draw an id of 128 bits takes longer than all the rest.
    this.doc = new Y.Doc({ guid: "session", gc: !keeps });
    this.doc.clientID = id;
    const kinds = Object.entries({ ...ROOTS, [XML_ROOT]: "xml" });
    this.#roots = Object.fromEntries(kinds.map(([name, kind]) => [name, { kind, shared: this.doc[GETTERS[kind]](name) }]));
    const scope = Object.values(this.#roots).map(({ shared }) => shared);
    if (undo !== undefined) this.#undo = new Y.UndoManager(scope, { captureTimeout: undo });
    this.doc.on("update", (update, origin) => onUpdate(update, origin === NETWORK ? "remote" : "local"));
  }

  root(name) {
    return this.#roots[name];
  }

  places({ kind, shared }) {
    return kind === "map" ? [...shared.keys()].sort() : [...shared.toArray().keys()];
  }

  nested({ shared }, place) {
    const value = shared.get(place);
    const known = value instanceof Y.AbstractType && KINDS.find(([type]) => value instanceof type);
    return known ? { kind: known[1], shared: value } : undefined;
  }

  create({ kind, shared }, place, made, content) {
    const value = created(made, content);
    if (kind === "map") shared.set(place, value);
    else shared.insert(place, [value]);
  }

  insert({ shared }, at, items) {
    shared.insert(at, items);
  }

  embed({ shared }, at, value, attributes) {
    shared.insertEmbed(at, value, attributes);
  }

  cursor(index, side) {
    return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.root("body").shared, index, SIDES[side]));
  }

  resolve(cursor) {
    const position = Y.createRelativePositionFromJSON(cursor);
    return Y.createAbsolutePositionFromRelativePosition(position, this.doc)?.index;
  }

  /** Snapshots of Yjs are something else. */
  remember() {}

  restore() {}

  transact(work) {
    this.doc.transact(work);
  }

  /** Every call is a transaction of its own here. */
  commit() {}

  undo() {
    this.#undo?.undo();
  }

  redo() {
    this.#undo?.redo();
  }

  stopCapturing() {
    this.#undo?.stopCapturing();
  }

  apply(update) {
    Y.applyUpdate(this.doc, update, NETWORK);
  }

  encode(stateVector) {
    return Y.encodeStateAsUpdate(this.doc, stateVector);
  }

  stateVector() {
    return Y.encodeStateVector(this.doc);
  }

  /** What Yjs tells its observers is its own affair. */
  watch() {}

  check() {}

  async close() {
    this.doc.destroy();
  }
}

function created(kind, content) {
  if (kind === "element") return new Y.XmlElement(content);
  if (kind === "words") return new Y.XmlText(content);
  if (kind === "map") return new Y.Map(Object.entries(content));
  if (kind === "list") return Y.Array.from(content);
  if (typeof content === "string") return new Y.Text(content);
  const text = new Y.Text();
  text.applyDelta(content);
  return text;
}
