// Decides how the cost of an edit and of opening grows with the text.

import { longDocument } from "../lib/documents.mjs";
import { GROWTH_IN_WORDS, growthOf } from "../lib/growth.mjs";
import { inPage } from "../lib/stage.mjs";
import { growth } from "../lib/statistics.mjs";

const SIZES = { full: [1_000, 10_000, 100_000, 1_000_000], quick: [1_000, 10_000, 100_000] };
const EDITS = 300;

const inWords = (size) => size.toLocaleString("en-US");
const lines = (key, title, unit) => SIZES.full.map((size) => [`${key}${size}`, { title: `${title}, ${inWords(size)} characters`, unit }]);

export const scaleOfText = {
  name: "scale-text",
  title: "Growth with the text",
  how: `A text by one author, written in runs of 50 characters at random places. An edit: the mean of ${EDITS}
characters inserted at random places, each the end of a task (as a microtask). Opening: from the bytes to the text,
the second time. ${GROWTH_IN_WORDS}`,
  rounds: { full: 3, quick: 1 },
  measurements: {
    ...Object.fromEntries(lines("edit", "edit", "µs")),
    editGrowth: growthOf("edit"),
    ...Object.fromEntries(lines("open", "opening", "ms")),
    openGrowth: growthOf("opening"),
  },
  async round({ stage, library, quick }) {
    const found = {};
    const points = { edit: [], open: [] };
    for (const size of quick ? SIZES.quick : SIZES.full) {
      const name = await longDocument(stage, library, { length: size, authors: 1 });
      const costs = await inPage(stage, library, cost, { name, edits: EDITS });
      for (const [what, value] of Object.entries(costs)) {
        found[`${what}${size}`] = value;
        points[what].push([size, value]);
      }
    }
    return { ...found, editGrowth: growth(points.edit), openGrowth: growth(points.open) };
  },
};

/** In the page. */
async function cost({ name, edits }) {
  const { kit } = window;
  const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
  await (await kit.load(bytes)).close();
  let began = performance.now();
  const replica = await kit.load(bytes);
  const { length } = replica.text();
  const open = performance.now() - began;
  replica.onUpdate(() => {});
  const { below } = kit.random(length);
  began = performance.now();
  for (let n = 0; n < edits; n++) {
    replica.insert(below(length), "x");
    await undefined;
  }
  return { edit: ((performance.now() - began) / edits) * 1000, open };
}
