// Decides what an edit does to the document that it meets, of Syncline or of Yjs: places are taken modulo what is there.

/**
 * Makes one edit; one that finds nothing to edit does nothing.
 * @param {{ root: string, path: number[], text?: unknown[], map?: unknown[], list?: unknown[], xml?: unknown[] }} edit what
 *   is done to the type to which the path leads, whichever kind it is
 */
export function makeEdit(peer, { root, path, ...verbs }, emoji) {
  const target = reached(peer, peer.root(root), path);
  const [verb, ...words] = verbs[target.kind] ?? ["nothing"];
  EDITS[target.kind][verb]?.({ peer, target, emoji }, ...words);
}

/** The type to which a path leads: each step is a turn among what is nested, as far as there is something. */
function reached(peer, target, [turn, ...rest]) {
  if (turn === undefined || target.kind === "text") return target;
  const inside = peer.places(target).flatMap((place) => peer.nested(target, place) ?? []);
  return inside.length === 0 ? target : reached(peer, inside[turn % inside.length], rest);
}

const EDITS = {
  text: {
    insert: (at, index, string, attributes) => {
      const place = boundary(at, index);
      if (attributes) at.target.shared.insert(place, string, attributes);
      else at.target.shared.insert(place, string);
    },
    type: (at, index, string) => {
      let place = boundary(at, index);
      for (const character of string) {
        at.target.shared.insert(place, character);
        place += character.length;
      }
    },
    erase: (at, index, count) => {
      let [from, to] = range(at, index, count);
      while (to > from) {
        const start = before(at, to);
        at.target.shared.delete(start, to - start);
        to = start;
      }
    },
    delete: (at, index, count) => {
      const [from, to] = range(at, index, count);
      if (to > from) at.target.shared.delete(from, to - from);
    },
    format: (at, index, count, attributes) => {
      const [from, to] = range(at, index, count);
      if (to > from) at.target.shared.format(from, to - from, attributes);
    },
    embed: (at, index, value, attributes) => at.peer.embed(at.target, boundary(at, index), value, attributes),
    delta: (at, index, count, step, insert) => {
      const [from, to] = range(at, index, count);
      const changed = step === "delete" ? { delete: to - from } : { retain: to - from, attributes: step };
      at.target.shared.applyDelta([...(from > 0 ? [{ retain: from }] : []), insert, ...(to > from ? [changed] : [])]);
    },
  },
  map: {
    set: ({ target: { shared } }, key, value) => shared.set(key, value),
    delete: ({ target: { shared } }, key) => shared.delete(key),
    make: ({ peer, target }, key, kind, content) => peer.create(target, key, kind, content),
  },
  list: {
    insert: ({ peer, target }, index, items) => peer.insert(target, index % (target.shared.length + 1), items),
    delete: ({ target: { shared } }, index, count) => {
      if (shared.length === 0) return;
      const at = index % shared.length;
      shared.delete(at, Math.min(count, shared.length - at));
    },
    make: ({ peer, target }, index, kind, content) => peer.create(target, index % (target.shared.length + 1), kind, content),
  },
  xml: {
    make: ({ peer, target }, index, kind, content) => peer.create(target, index % (target.shared.length + 1), kind, content),
    delete: (at, index, count) => EDITS.list.delete(at, index, count),
    // The root has no attributes.
    attribute: ({ target: { shared } }, name, value) => shared.setAttribute?.(name, value),
  },
};

/** A place in the text at the root, outside of surrogate pairs. */
export function placeIn(peer, index, emoji) {
  return boundary({ target: peer.root("body"), emoji }, index);
}

function range(at, index, count) {
  const from = boundary(at, index);
  const end = Math.min(at.target.shared.length, from + count);
  return [from, isSplit(at, end) ? end + 1 : end];
}

function boundary(at, index) {
  const place = index % (at.target.shared.length + 1);
  return isSplit(at, place) ? place + 1 : place;
}

/** Where the character begins that ends here. */
function before(at, end) {
  return isSplit(at, end - 1) ? end - 2 : end - 1;
}

/** Whether this place is within a surrogate pair. The text is only read where there may be any: what is pending stays so. */
function isSplit({ target: { shared }, emoji }, place) {
  if (!emoji || place <= 0) return false;
  const units = shared.toDelta().map(({ insert }) => (typeof insert === "string" ? insert : "\uFFFC")).join("");
  return /[\udc00-\udfff]/.test(units[place] ?? "") && /[\ud800-\udbff]/.test(units[place - 1] ?? "");
}
