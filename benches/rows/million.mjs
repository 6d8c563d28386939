// Decides how a keystroke in a very long document of many authors is measured: from the call to the bytes in the socket's hands.

import { longDocument } from "../lib/documents.mjs";
import { together } from "../lib/stage.mjs";
import { quantile } from "../lib/statistics.mjs";

const CASES = {
  full: { length: 1_000_000, authors: 50, keystrokes: 500 },
  quick: { length: 100_000, authors: 10, keystrokes: 100 },
};
const RUN = 25;
const PAUSE_MS = 4;

export const longKeystrokes = {
  name: "million",
  title: "A keystroke in a million characters by 50 authors",
  how: `A page in step with the server of its library has a document of a million characters, written by 50 authors in
runs of 50 at random places. 500 characters are typed, one every ${PAUSE_MS} ms, at another place after every ${RUN}:
from the call until the bytes were handed to the socket. With --quick a hundred thousand characters by 10 authors and
100 keystrokes.`,
  rounds: { full: 3, quick: 1 },
  measurements: {
    median: { title: "call → socket, median", unit: "ms" },
    p99: { title: "… 99th percentile", unit: "ms", target: { most: 0.5 } },
  },
  async round({ stage, library, quick, number }) {
    const { keystrokes, ...size } = quick ? CASES.quick : CASES.full;
    const name = await longDocument(stage, library, size);
    return together(stage, library, 1, async ([page]) => {
      await page.evaluate(receive, { name, length: size.length });
      const times = await page.evaluate(type, { keystrokes, seed: number, run: RUN, pause: PAUSE_MS });
      return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
    });
  },
};

/** In the page: what was received is passed on to the server, so that this is waited for. */
async function receive({ name, length }) {
  const { kit, shared, sent } = window;
  shared.apply(new Uint8Array(await (await fetch(name)).arrayBuffer()));
  if (shared.length() !== length) throw new Error(`${shared.length()} characters instead of ${length}`);
  let frames = -1;
  while (frames !== sent.frames) {
    frames = sent.frames;
    await new Promise((resolve) => setTimeout(resolve, 500));
    await kit.nextTask();
  }
}

/** In the page. */
async function type({ keystrokes, seed, run, pause }) {
  const { kit, shared, sent } = window;
  const { below } = kit.random(seed);
  const times = [];
  let index = 0;
  for (let n = 0; n < keystrokes; n++) {
    if (n % run === 0) index = below(shared.length());
    const frames = sent.frames;
    const began = performance.now();
    shared.insert(index++, "x");
    while (sent.frames === frames) await kit.nextTask();
    times.push(sent.at - began);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return times;
}
