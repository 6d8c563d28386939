// Decides how a link is measured that carries less than is edited: how much waits, and how long until all is there.

import { together } from "../lib/stage.mjs";

const RATE = 64_000;
const SECONDS = { full: 5, quick: 1 };
const BURST = 50;
const EVERY_MS = 10;

export const congestion = {
  name: "congestion",
  title: "A link of 64 kB/s",
  how: `Two pages; what one of them sends is carried at ${RATE / 1000} kB/s by a socket that tells in
\`bufferedAmount\` what waits. For ${SECONDS.full} s (--quick: ${SECONDS.quick} s) it types ${BURST} characters every
${EVERY_MS} ms, each a task of its own with a presence that moves along. Waiting: the most that the socket held.
Drained: from the last character until the other page has all.`,
  libraries: ["syncline", "yjs"],
  rounds: { full: 3, quick: 1 },
  measurements: {
    waiting: { title: "most that waited", unit: "kB", target: { ratio: 1 } },
    carried: { title: "sent in all", unit: "kB" },
    drained: { title: "last edit → all there", unit: "ms", target: { ratio: 1 } },
  },
  round: ({ stage, library, quick }) =>
    together(
      stage,
      library,
      2,
      async ([a, b]) => {
        const ticks = ((quick ? SECONDS.quick : SECONDS.full) * 1000) / EVERY_MS;
        const ended = await a.evaluate(type, { ticks, burst: BURST, every: EVERY_MS });
        const there = await b.evaluate(untilThere, ticks * BURST);
        const { mostWaiting, carried } = await a.evaluate(() => window.link);
        return { waiting: mostWaiting / 1000, carried: carried / 1000, drained: there - ended };
      },
      { prepare: (page, n) => n === 0 && page.evaluate(narrow, RATE) },
    ),
};

/** In the page. */
function narrow(rate) {
  window.link = window.kit.narrowSockets(rate);
}

/** In the page; returns when the last character was typed. */
async function type({ ticks, burst, every }) {
  const { kit, shared } = window;
  let length = 0;
  for (let tick = 0; tick < ticks; tick++) {
    for (let n = 0; n < burst; n++) {
      shared.insert(length++, "x");
      shared.show({ name: "Ada", cursor: length });
      await undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  return kit.clock();
}

/** In the page; returns when the text was that long. */
async function untilThere(length) {
  await window.kit.untilLength(window.shared, length);
  return window.kit.clock();
}
