// Decides how long an edit takes from one page to the observer on another, over the server of each library.

import { quantile } from "../lib/statistics.mjs";
import { together } from "../lib/stage.mjs";

const KEYSTROKES = { full: 200, quick: 60 };
const PAUSE_MS = 20;

export const latency = {
  name: "latency",
  title: "From one page to another",
  how: `Two pages over the server that comes with the library, in memory, on loopback: a character inserted at the end
every ${PAUSE_MS} ms, from the call on one page until the observer on the other is told; median and 99th percentile of
${KEYSTROKES.full} keystrokes (--quick: ${KEYSTROKES.quick}). yjs with y-websocket, ywasm with the least that speaks
that protocol, Loro with loro-websocket, Automerge with automerge-repo.`,
  rounds: { full: 5, quick: 1 },
  measurements: {
    median: { title: "edit → observer, median", unit: "ms", target: { ratio: 1 } },
    p99: { title: "… 99th percentile", unit: "ms", target: { ratio: 1 } },
  },
  round: ({ stage, library, quick }) =>
    together(stage, library, 2, async ([a, b]) => {
      const count = quick ? KEYSTROKES.quick : KEYSTROKES.full;
      await b.evaluate(watch);
      const typed = await a.evaluate(type, { count, pause: PAUSE_MS });
      const seen = await b.evaluate(seenAt, count);
      const times = typed.map((at, n) => seen[n] - at);
      return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
    }),
};

/** In the page: notes when each length of the text was seen first. */
function watch() {
  const { kit, shared } = window;
  window.seen = [];
  shared.onRemote((length) => {
    const now = kit.clock();
    while (window.seen.length < length) window.seen.push(now);
  });
}

/** In the page. */
async function type({ count, pause }) {
  const { kit, shared } = window;
  const typed = [];
  for (let n = 0; n < count; n++) {
    typed.push(kit.clock());
    shared.insert(n, "x");
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return typed;
}

/** In the page. */
async function seenAt(count) {
  await window.kit.untilLength(window.shared, count);
  return window.seen;
}
