// Decides how the cost of documents grows that share one connection.

import { startHocuspocus } from "../../tests/e2e/lib/hocuspocus.mjs";
import { GROWTH_IN_WORDS, growthOf } from "../lib/growth.mjs";
import { inPage } from "../lib/stage.mjs";
import { growth } from "../lib/statistics.mjs";

const COUNTS = { full: [1, 10, 100, 1_000], quick: [1, 10, 100] };
const EDITS = 200;

/** The server takes no more than 100 that it has not let in yet. */
const AT_ONCE = 50;

const LIMIT_MS = 60_000;

const lines = (key, title, unit) => COUNTS.full.map((count) => [`${key}${count}`, { title: `${title}, ${count} open`, unit }]);

export const scaleOfDocuments = {
  name: "scale-documents",
  title: "Growth with the documents over one connection",
  how: `So many documents over one socket to a Hocuspocus server. Opening: ${AT_ONCE} at a time, from the first call until all are in step;
more than ${LIMIT_MS / 1000} s is given up.
An edit: from the call until the bytes were handed to the socket, the mean of ${EDITS} in documents at random, while
all the others are open. ${GROWTH_IN_WORDS} y-websocket has a socket for each document.`,
  libraries: ["syncline"],
  rounds: { full: 3, quick: 1 },
  measurements: {
    ...Object.fromEntries(lines("open", "opening all", "ms")),
    openGrowth: growthOf("opening"),
    ...Object.fromEntries(lines("edit", "edit", "µs")),
    editGrowth: growthOf("edit"),
  },
  async round({ stage, quick, number }) {
    const server = await stage.once("hocuspocus", () => stage.own(startHocuspocus()));
    const found = {};
    const points = { open: [], edit: [] };
    for (const count of quick ? COUNTS.quick : COUNTS.full) {
      const work = { url: server.url, prefix: `${number}-${count}`, count, atOnce: AT_ONCE, limit: LIMIT_MS, edits: EDITS };
      const costs = await inPage(stage, "syncline", openAndEdit, work, "online");
      for (const [what, value] of Object.entries(costs)) {
        found[`${what}${count}`] = value;
        points[what].push([count, value]);
      }
    }
    return { ...found, openGrowth: growth(points.open), editGrowth: growth(points.edit) };
  },
};

/** In the page. */
async function openAndEdit({ url, prefix, count, atOnce, limit, edits }) {
  const { connect, kit } = window;
  const sent = kit.countFrames();
  const options = { protocol: "hocuspocus", token: "writer" };
  let began = performance.now();
  const opened = [];
  while (opened.length < count) {
    // Without the cost of an edit, which is not known then.
    if (performance.now() - began > limit) return { open: Infinity };
    const rooms = Array.from({ length: Math.min(atOnce, count - opened.length) }, (_, n) => `${prefix}-${opened.length + n}`);
    opened.push(...(await Promise.all(rooms.map((room) => connect(url, room, options)))));
  }
  const open = performance.now() - began;
  const { below } = kit.random(count);
  let took = 0;
  for (let n = 0; n < edits; n++) {
    const shared = opened[below(count)];
    const { frames } = sent;
    began = performance.now();
    shared.insert(0, "x");
    while (sent.frames === frames) await kit.nextTask();
    took += sent.at - began;
    await kit.nextTask();
  }
  return { open, edit: (took / edits) * 1000 };
}
