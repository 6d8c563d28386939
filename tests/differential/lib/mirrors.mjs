// Decides what an application knows of a document of Syncline that believes only what it is told, with all that is nested in it.

import assert from "node:assert/strict";
import { applied, formatted, unitsOf } from "../../e2e/lib/mirror.mjs";
import { normalized } from "../../e2e/lib/random-edits.mjs";
import { ROOTS } from "./content.mjs";

export class Mirrors {
  #peer;
  #roots;
  /** By the handle of the type, since each has one as long as it lives. */
  #nested = new Map();

  constructor(peer) {
    this.#peer = peer;
    this.#roots = Object.keys(ROOTS).map((name) => [`'${name}'`, new DeepMirror(peer.root(name))]);
  }

  /** Ends all observers. */
  end() {
    for (const [, mirror] of this.#roots) mirror.end();
    for (const mirror of this.#nested.values()) mirror.end();
  }

  /** Throws where what was told is not what is there; follows from here on what has been nested since the last time. */
  check() {
    for (const [name, mirror] of this.#roots) mirror.check(name);
    const seen = new Set();
    for (const name of Object.keys(ROOTS)) this.#checkNested(this.#peer.root(name), `'${name}'`, seen);
    // What is gone is told of by its parents; its handle answers nothing.
    for (const shared of this.#nested.keys()) if (!seen.has(shared)) this.#nested.delete(shared);
  }

  #checkNested(target, name, seen) {
    if (target.kind === "text") return;
    for (const place of this.#peer.places(target)) {
      const inner = this.#peer.nested(target, place);
      if (!inner) continue;
      const known = this.#nested.get(inner.shared);
      if (known) known.check(`${name}/${place}`);
      else this.#nested.set(inner.shared, new DeepMirror(inner));
      seen.add(inner.shared);
      this.#checkNested(inner, `${name}/${place}`, seen);
    }
  }
}

/** One type with all that is nested in it: a text as its units, what is nested as the plain value that it is copied to. */
class DeepMirror {
  /** Ends the observer. */
  end;
  #target;
  #content;

  constructor(target) {
    this.#target = target;
    const { kind, shared } = target;
    // Observed first: to begin to observe writes what is pending, which is told to nobody who comes after it.
    this.end = shared.observe((change) => this.#handle(change));
    this.#content = kind === "text" ? textUnits(shared.toDelta()) : shared.toJSON();
  }

  check(name) {
    const { kind, shared } = this.#target;
    const [told, held] =
      kind === "text" ? [normalized(this.#content), normalized(shared.toDelta())] : [this.#content, shared.toJSON()];
    assert.deepStrictEqual(told, held, `what was told of ${name} is not what it is`);
  }

  #handle({ delta = [], keys = {}, nested }) {
    if (nested) this.#content = withNested(this.#content, nested.path, nested);
    else if (this.#target.kind === "text") this.#content = applied(this.#content, delta, unitsOf, formatted);
    else this.#content = changed(this.#content, { delta, keys });
  }
}

/** The units of a text, or of what was one. */
export function textUnits(delta) {
  return delta.flatMap(({ insert, attributes }) => unitsOf(insert, attributes));
}

/** A plain value after what `path` leads to in it has changed. */
function withNested(content, [place, ...rest], change) {
  if (place === undefined) return changed(content, change);
  const copy = Array.isArray(content) ? [...content] : { ...content };
  if (!Object.hasOwn(copy, place)) throw new Error(`a path leads to ${JSON.stringify(place)} of ${JSON.stringify(content)}`);
  copy[place] = withNested(copy[place], rest, change);
  return copy;
}

function changed(content, { delta = [], keys = {} }) {
  if (Array.isArray(content)) return applied(content, delta, (items) => items);
  if (typeof content === "string") return applied(content.split(""), delta, (insert) => insert.split("")).join("");
  const copy = { ...content };
  for (const [key, { action, newValue }] of Object.entries(keys)) {
    if (action === "delete") delete copy[key];
    else copy[key] = newValue;
  }
  return copy;
}
