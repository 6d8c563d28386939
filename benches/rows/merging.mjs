// Decides how many people's work is merged that comes at once: B3 of crdt-benchmarks, with texts.

import { inPage } from "../lib/stage.mjs";

const CASES = {
  full: [{ key: "many", clients: 1_540, edits: 1 }, { key: "some", clients: 50, edits: 120 }],
  quick: [{ key: "many", clients: 300, edits: 1 }, { key: "some", clients: 50, edits: 20 }],
};

const LIMITS_MS = { full: 20_000, quick: 3_000 };

export const merging = {
  name: "merging",
  title: "Many people's edits merged (B3)",
  how: `1,540 clients that have inserted one word each into the same empty text, and 50 clients with 120 words each at
random places of their own text, one update an insertion; applied to a document one by one (each the end of a task, as
a microtask), and within one task as the library has it. With --quick 300 clients, and 50 with 20. What takes more
than ${LIMITS_MS.full / 1000} s (--quick: ${LIMITS_MS.quick / 1000} s) is given up.`,
  rounds: { full: 5, quick: 1 },
  measurements: {
    manySingly: { title: "1,540 clients, one by one", unit: "ms", target: { ratio: 0.5 } },
    manyAtOnce: { title: "1,540 clients, at once", unit: "ms", target: { ratio: 0.5 } },
    manyBlock: { title: "… longest block", unit: "ms", target: { most: 50 } },
    someSingly: { title: "50 clients × 120, one by one", unit: "ms", target: { ratio: 0.5 } },
    someAtOnce: { title: "50 clients × 120, at once", unit: "ms", target: { ratio: 0.5 } },
    someBlock: { title: "… longest block", unit: "ms", target: { most: 50 } },
  },
  async round({ stage, library, quick, number }) {
    const found = {};
    for (const { key, clients, edits } of quick ? CASES.quick : CASES.full) {
      const work = { clients, edits, seed: number };
      found[`${key}Singly`] = await inPage(stage, library, mergeSingly, { ...work, limit: quick ? LIMITS_MS.quick : LIMITS_MS.full });
      const { took, block } = await inPage(stage, library, mergeAtOnce, work);
      Object.assign(found, { [`${key}AtOnce`]: took, [`${key}Block`]: block });
    }
    return found;
  },
};

/** In the page. */
async function mergeSingly({ clients, edits, seed, limit }) {
  const { kit, library } = window;
  const updates = await kit.updatesOfMany({ clients, edits, seed });
  const replica = await library.open();
  const began = performance.now();
  for (const update of updates) {
    replica.apply(update);
    await undefined;
    if (performance.now() - began > limit) return Infinity;
  }
  // Asked before the clock is read: what is not read may not have been written yet.
  const length = replica.length();
  const took = performance.now() - began;
  if (length < updates.length) throw new Error(`${length} characters of ${updates.length} updates`);
  return took;
}

/** In the page. */
async function mergeAtOnce(work) {
  const { kit, library } = window;
  const updates = await kit.updatesOfMany(work);
  const replica = await library.open();
  const blocked = kit.watchBlocks();
  const length = updates.length * kit.WORD.length;
  const took = await kit.timed(() => replica.applyAll(updates), () => replica.length() === length);
  return { took, block: await blocked() };
}
