// Decides what an application knows that believes only what it is told: content built from nothing but changes.

/** Follows the text, map and list of a Syncline client from here on; all three must be empty. */
export class Mirror {
  /** One entry for each UTF-16 unit or embed. */
  #text = [];
  #map = new Map();
  #list = [];

  constructor({ body, meta, todos }) {
    body.observe(({ delta }) => (this.#text = applied(this.#text, delta, unitsOf, formatted)));
    meta.observe(({ keys }) => this.#handleKeys(keys));
    todos.observe(({ delta }) => (this.#list = applied(this.#list, delta, (items) => items)));
  }

  /** The text as a delta, the map and the list: readable like a client's. */
  get body() {
    return { toDelta: () => this.#text };
  }

  get meta() {
    return { toJSON: () => Object.fromEntries(this.#map) };
  }

  get todos() {
    return { toJSON: () => this.#list };
  }

  #handleKeys(keys) {
    for (const [key, { action, newValue }] of Object.entries(keys)) {
      if (action === "delete") this.#map.delete(key);
      else this.#map.set(key, newValue);
    }
  }
}

/** The items after the steps of a delta. */
export function applied(items, delta, itemsOf, format = (item) => item) {
  const result = [];
  let at = 0;
  for (const { insert, retain, delete: gone, attributes } of delta) {
    if (insert !== undefined) result.push(...itemsOf(insert, attributes));
    if (retain !== undefined) result.push(...items.slice(at, at + retain).map((item) => format(item, attributes)));
    at += (retain ?? 0) + (gone ?? 0);
  }
  if (at > items.length) throw new RangeError(`a delta reaches to ${at} of ${items.length}`);
  return [...result, ...items.slice(at)];
}

export function unitsOf(insert, attributes = {}) {
  const units = typeof insert === "string" ? insert.split("") : [insert];
  return units.map((unit) => ({ insert: unit, attributes }));
}

export function formatted({ insert, attributes }, change = {}) {
  const all = Object.entries({ ...attributes, ...change });
  return { insert, attributes: Object.fromEntries(all.filter(([, value]) => value !== null)) };
}
