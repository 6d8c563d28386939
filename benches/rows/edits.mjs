// Decides how local edits at random places, and remote updates that come one by one or at once, are measured.

import { inPage } from "../lib/stage.mjs";

const SIZES = { full: { edits: 6_000, burst: 10_000 }, quick: { edits: 2_000, burst: 3_000 } };

export const edits = {
  name: "edits",
  title: "Edits at random places, here and from elsewhere",
  how: `6,000 insertions of one character at random places, one by one, each the end of a task (as a microtask); the
6,000 updates that this made, applied one by one in another document in the same way, with nobody observing and with
an observer that reads what has changed; and 10,000 updates of somebody who types and now and then goes elsewhere, applied within one task in the
way that the library has for it (one transaction, a batch), with an observer. With --quick a third of it. The longest
block is the longest time in which the page could do nothing else, from the call on until all is there.`,
  rounds: { full: 5, quick: 1 },
  measurements: {
    local: { title: "local, one by one", unit: "ms", target: { ratio: 0.5 } },
    remote: { title: "remote, one by one", unit: "ms", target: { ratio: 0.25 } },
    observed: { title: "… with an observer", unit: "ms" },
    burst: { title: "remote, all at once", unit: "ms" },
    block: { title: "… longest block", unit: "ms", target: { most: 50 } },
    events: { title: "… events for the observer", unit: "", isShare: false },
  },
  async round({ stage, library, quick, number }) {
    const sizes = quick ? SIZES.quick : SIZES.full;
    const { local, remote } = await inPage(stage, library, oneByOne, { count: sizes.edits, seed: number, isObserved: false });
    const observed = await inPage(stage, library, oneByOne, { count: sizes.edits, seed: number, isObserved: true });
    const burst = await inPage(stage, library, atOnce, { count: sizes.burst, seed: number });
    return { local, remote, observed: observed.remote, ...burst };
  },
};

/** In the page. */
async function oneByOne({ count, seed, isObserved }) {
  const { kit, library } = window;
  const { below } = kit.random(seed);
  const [here, there] = [await library.open(), await library.open()];
  const updates = [];
  here.onUpdate((update) => updates.push(update));
  let began = performance.now();
  for (let n = 0; n < count; n++) {
    here.insert(below(n + 1), "x");
    await undefined;
  }
  const local = performance.now() - began;
  await kit.nextTask();
  if (updates.length !== count) throw new Error(`${updates.length} updates of ${count} edits`);
  if (isObserved) there.onChange(() => {});
  began = performance.now();
  for (const update of updates) {
    there.apply(update);
    await undefined;
  }
  while (there.length() !== count) await kit.nextTask();
  return { local, remote: performance.now() - began };
}

/** In the page. */
async function atOnce({ count, seed }) {
  const { kit, library } = window;
  const { below, chance } = kit.random(seed);
  const [here, there] = [await library.open(), await library.open()];
  const updates = [];
  here.onUpdate((update) => updates.push(update));
  let cursor = 0;
  for (let n = 0; n < count; n++) {
    if (chance(0.05)) cursor = below(n + 1);
    here.insert(cursor++, "x");
    await undefined;
  }
  await kit.nextTask();
  let [events, asked] = [0, 0];
  there.onChange(() => (events += 1));
  // Asked only after news: asking may cost something as well.
  const isThere = () => events !== asked && ((asked = events), there.length() === count);
  const blocked = kit.watchBlocks();
  const burst = await kit.timed(() => there.applyAll(updates), isThere);
  return { burst, block: await blocked(), events };
}
