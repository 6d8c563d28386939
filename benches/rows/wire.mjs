// Decides what is sent: frames and bytes of many edits in one task, and of typed characters.

import { together } from "../lib/stage.mjs";

const BURST = 1_000;
const TYPED = 100;
const PAUSE_MS = 10;

export const wire = {
  name: "wire",
  title: "What is sent",
  how: `Counted where the page hands it to its socket, without what the socket adds. ${BURST} insertions at the end,
each a call of its own, in one task, and the time until the other page has them all; then ${TYPED} characters typed,
one every ${PAUSE_MS} ms, and all bytes that were sent until the other page had them.`,
  rounds: { full: 5, quick: 1 },
  measurements: {
    frames: { title: `frames for ${BURST} edits in one task`, unit: "", target: { most: 1 } },
    bytes: { title: "… bytes", unit: "B" },
    there: { title: "… call → all on the other page", unit: "ms" },
    typed: { title: "bytes a typed character", unit: "B", target: { ratio: 1 } },
  },
  round: ({ stage, library }) =>
    together(stage, library, 2, async ([a, b]) => {
      const burst = await sentDuring(a, async () => {
        const began = await a.evaluate(insertMany, BURST);
        return (await b.evaluate(untilLength, BURST)) - began;
      });
      const typing = await sentDuring(a, async () => {
        await a.evaluate(type, { count: TYPED, pause: PAUSE_MS });
        await b.evaluate(untilLength, BURST + TYPED);
      });
      return { frames: burst.frames, bytes: burst.bytes, there: burst.value, typed: typing.bytes / TYPED };
    }),
};

/** What the page sent while `work` was done, and what that gave. */
async function sentDuring(page, work) {
  const before = await page.evaluate(() => ({ ...window.sent }));
  const value = await work();
  const after = await page.evaluate(() => ({ ...window.sent }));
  return { value, frames: after.frames - before.frames, bytes: after.bytes - before.bytes };
}

/** In the page; returns when it began. */
function insertMany(count) {
  const { kit, shared } = window;
  const began = kit.clock();
  for (let n = 0; n < count; n++) shared.insert(n, "x");
  return began;
}

/** In the page. */
async function type({ count, pause }) {
  for (let n = 0; n < count; n++) {
    window.shared.insert(window.shared.length(), "x");
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** In the page; returns when the text was that long. */
async function untilLength(length) {
  await window.kit.untilLength(window.shared, length);
  return window.kit.clock();
}
