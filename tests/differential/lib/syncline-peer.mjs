// Decides how a document of Syncline takes part in a session: the built package through its public API, and all its observers.

import assert from "node:assert/strict";
import { applied, formatted, unitsOf } from "../../e2e/lib/mirror.mjs";
import { normalized } from "../../e2e/lib/random-edits.mjs";
import { loadSyncline } from "../../e2e/lib/syncline-client.mjs";
import { contentOf, ROOTS } from "./content.mjs";
import { Mirrors, textUnits } from "./mirrors.mjs";

const { open } = await loadSyncline();
const MAKES = { text: ["setText", "insertText"], map: ["setMap", "insertMap"], list: ["setList", "insertList"] };

export class SynclinePeer {
  doc;
  #roots;
  #undo;
  #mirrors;
  #remembered;
  /** What it has refused of what honest peers had made, as far as nobody was thrown an error. */
  #refused = [];

  /** `onUpdate` is told every change with whether it was made here. */
  static async open({ id, ...options }, onUpdate) {
    const doc = await withClientId(id, () => open("ws://127.0.0.1:1", "room", { connect: false }));
    return new SynclinePeer(doc, options, onUpdate);
  }

  constructor(doc, { undo, blind }, onUpdate) {
    this.doc = doc;
    this.#roots = Object.fromEntries(Object.entries(ROOTS).map(([name, kind]) => [name, { kind, shared: doc[kind](name) }]));
    const scope = Object.values(this.#roots).map(({ shared }) => shared);
    if (undo !== undefined) this.#undo = doc.undo({ scope, captureTimeout: undo });
    doc.on("problem", (problem) => this.#refused.push(problem));
    doc.on("update", ({ update, origin }) => onUpdate(update, origin));
    if (!blind) this.watch();
  }

  root(name) {
    return this.#roots[name];
  }

  places({ kind, shared }) {
    return kind === "map" ? shared.keys().sort() : Array.from({ length: shared.length }, (_, at) => at);
  }

  nested({ shared }, place) {
    for (const kind of Object.keys(MAKES)) {
      const inner = shared[kind](place);
      if (inner) return { kind, shared: inner };
    }
    return undefined;
  }

  create({ kind, shared }, place, made, content) {
    shared[MAKES[made][kind === "map" ? 0 : 1]](place, content);
  }

  insert({ shared }, at, items) {
    shared.insert(at, ...items);
  }

  embed({ shared }, at, value, attributes) {
    shared.applyDelta([...(at > 0 ? [{ retain: at }] : []), { insert: value, attributes }]);
  }

  cursor(index, side) {
    return this.#roots.body.shared.cursor(index, side);
  }

  resolve(cursor) {
    return this.#roots.body.shared.resolve(cursor);
  }

  remember() {
    this.#remembered = { snapshot: this.doc.snapshot(), content: contentOf(this) };
  }

  /** Makes everything what it was when it was remembered; throws where that is not what it is then. */
  restore() {
    if (!this.#remembered) return;
    const { snapshot, content } = this.#remembered;
    const { shared } = this.#roots.body;
    const changed = normalized(applied(textUnits(content.body.text), shared.diff(snapshot), unitsOf, formatted));
    assert.deepStrictEqual(changed, normalized(shared.toDelta()), "the difference to what was remembered leads elsewhere");
    this.doc.restore(snapshot);
    assert.deepStrictEqual(contentOf(this), content, "what was restored is not what was remembered");
  }

  transact(work) {
    this.doc.transact(work);
  }

  /** Does what the end of the task does. */
  commit() {
    this.doc.transact(() => {});
  }

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
    this.doc.applyUpdate(update);
  }

  encode(stateVector) {
    return this.doc.encodeUpdate(stateVector);
  }

  stateVector() {
    return this.doc.stateVector();
  }

  /** Begins to observe every type, or ends it: there is less to do where nobody looks. */
  watch() {
    this.#mirrors?.end();
    this.#mirrors = this.#mirrors ? undefined : new Mirrors(this);
  }

  /** Compares what the observers were told with what is here, and sees that nothing was refused. */
  check() {
    this.commit();
    assert.deepStrictEqual(this.#refused, [], "what others made was refused");
    this.#mirrors?.check();
  }

  async close() {
    await this.doc.close();
    // What another instance has gone on with may be the same, and would hide a trap.
    assert.equal(this.doc.status.recovered, undefined);
  }
}

/** Runs `work` while the only thing that is drawn is this id: a session is the same whenever it is run. */
async function withClientId(id, work) {
  const { crypto } = globalThis;
  const draw = crypto.getRandomValues;
  crypto.getRandomValues = (array) => array.fill(id);
  try {
    return await work();
  } finally {
    crypto.getRandomValues = draw;
  }
}
