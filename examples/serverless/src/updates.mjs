// Decides what updates say: whether they can be read, how they are merged, what is news. It knows nothing of rows.

import * as Y from "yjs";

/** The update that changes nothing. */
export const EMPTY = new Uint8Array([0, 0]);
const NOTHING_HELD = new Uint8Array([0]);

/**
 * The update without what it does not need; nothing where it cannot be read.
 * @param {Uint8Array} bytes
 */
export function readUpdate(bytes) {
  try {
    // This reads every part of it.
    return Y.diffUpdate(bytes, NOTHING_HELD);
  } catch {
    return undefined;
  }
}

/**
 * One update that says what all of `updates` say, and those of them that could not be merged. Each was readable by
 * itself; if two contradict each other so that yjs cannot go on, one of them must not take the document with it.
 * @template {{ update: Uint8Array }} Source
 * @param {Uint8Array} base
 * @param {Source[]} sources
 * @returns {{ update: Uint8Array, merged: Source[] }}
 */
export function merge(base, sources) {
  try {
    return { update: Y.mergeUpdates([base, ...sources.map(({ update }) => update)]), merged: sources };
  } catch {
    return sources.reduce(mergeOne, { update: base, merged: [] });
  }
}

function mergeOne(sofar, source) {
  try {
    return { update: Y.mergeUpdates([sofar.update, source.update]), merged: [...sofar.merged, source] };
  } catch {
    return sofar;
  }
}

export const vectorOf = (update) => Y.encodeStateVectorFromUpdate(update);

/** What a replica with this state vector lacks of `update`; nothing where the vector cannot be read. */
export function lackedBy(vector, update) {
  try {
    return Y.diffUpdate(update, vector);
  } catch {
    return undefined;
  }
}

/** Whether `update` has elements but not all before them: some were lost, or have yet to come. */
export function hasGap(update) {
  const complete = Y.decodeStateVector(vectorOf(update));
  return [...Y.parseUpdateMeta(update).to].some(([client, end]) => end > (complete.get(client) ?? 0));
}

/** Whether `update` says anything that `held` does not. Both are readable. */
export function isNews(update, held) {
  const [said, known] = [Y.decodeUpdate(update), Y.decodeUpdate(held)];
  return !isCovered(elements(said), elements(known)) || !isCovered(deletions(said), deletions(known));
}

/** @typedef {Map<number, { clock: number, len: number }[]>} Ranges of each client */

/** @returns {Ranges} */
function elements({ structs }) {
  const ranges = new Map();
  for (const struct of structs) {
    // A skip stands for what is not there.
    if (struct instanceof Y.Skip) continue;
    const { client, clock } = struct.id;
    if (!ranges.has(client)) ranges.set(client, []);
    ranges.get(client).push({ clock, len: struct.length });
  }
  return ranges;
}

/** @returns {Ranges} */
function deletions({ ds }) {
  return ds.clients;
}

function isCovered(ranges, by) {
  return [...ranges].every(([client, said]) => {
    const known = joined(by.get(client) ?? []);
    let at = 0;
    return joined(said).every(({ from, to }) => {
      while (at < known.length && known[at].to < to) at += 1;
      return at < known.length && known[at].from <= from;
    });
  });
}

/** Ranges in order, those that touch made one. */
function joined(ranges) {
  const result = [];
  for (const { clock, len } of [...ranges].sort((a, b) => a.clock - b.clock)) {
    const last = result.at(-1);
    if (last && clock <= last.to) last.to = Math.max(last.to, clock + len);
    else result.push({ from: clock, to: clock + len });
  }
  return result;
}
