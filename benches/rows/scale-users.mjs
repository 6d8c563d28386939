// Decides how the cost of presence grows with the people who are here.

import * as encoding from "lib0/encoding";
import { withStranger } from "../lib/crowd.mjs";
import { GROWTH_IN_WORDS, growthOf } from "../lib/growth.mjs";
import { together } from "../lib/stage.mjs";
import { growth } from "../lib/statistics.mjs";

const COUNTS = { full: [1, 10, 100, 1_000], quick: [1, 10, 100] };
const CHANGES = 200;

const lines = (key, title, unit) => COUNTS.full.map((count) => [`${key}${count}`, { title: `${title}, ${count} present`, unit }]);

export const scaleOfUsers = {
  name: "scale-users",
  title: "Growth with the people who are here",
  how: `So many people are present in a room of a y-websocket server, each with a name, a colour and a cursor. A
change: what the page's main thread is busy with for each of ${CHANGES} changes of a single person (CDP,
TaskDuration), with a listener for presence. ${GROWTH_IN_WORDS}`,
  libraries: ["syncline", "yjs"],
  rounds: { full: 3, quick: 1 },
  measurements: {
    ...Object.fromEntries(lines("change", "one changes", "µs")),
    growth: growthOf("one changes"),
  },
  async round({ stage, library, quick }) {
    const found = {};
    const points = [];
    for (const count of quick ? COUNTS.quick : COUNTS.full) {
      const cost = await together(stage, library, 1, ([page], room) => costOfChange({ stage, library, page, room, count }));
      found[`change${count}`] = cost;
      points.push([count, cost]);
    }
    return { ...found, growth: growth(points) };
  },
};

async function costOfChange({ stage, library, page, room, count }) {
  await page.evaluate(watch);
  const { url } = await stage.server(library);
  return withStranger(url, room, async ({ presence }) => {
    const people = Array.from({ length: count }, (_, n) => ({ id: 1_000_000 + n, clock: 1, cursor: n }));
    presence(statesOf(people));
    await page.evaluate(untilSeen, count);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable", { timeDomain: "timeTicks" });
    const before = await busyFor(devtools);
    for (let n = 1; n <= CHANGES; n++) {
      const person = people[n % count];
      // Somewhere new: what does not change is not told.
      Object.assign(person, { clock: person.clock + 1, cursor: count + n });
      presence(statesOf([person]));
      // One frame at a time, as people move: else several would be one change.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await page.evaluate(untilSeen, count + CHANGES);
    return (((await busyFor(devtools)) - before) / CHANGES) * 1e6;
  });
}

/** The seconds that the main thread has been busy. */
async function busyFor(devtools) {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration").value;
}

/** The presence of these people, as y-protocols writes it. */
function statesOf(people) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, people.length);
  for (const { id, clock, cursor } of people) {
    encoding.writeVarUint(encoder, id);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, JSON.stringify({ name: `Person ${id}`, color: "#30bced", cursor }));
  }
  return encoding.toUint8Array(encoder);
}

/** In the page: counts the changes of others that are told. */
function watch() {
  window.changes = 0;
  window.shared.onPresence((count) => {
    window.changes += count;
    window.news?.();
  });
}

/** In the page. */
function untilSeen(changes) {
  return new Promise((resolve) => {
    window.news = () => window.changes >= changes && resolve();
    window.news();
  });
}
