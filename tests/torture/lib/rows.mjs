// Decides which faults there are: what happens to a client, when, how long it is watched, and by which rule it is judged.

import { noise } from "./noise.mjs";
import { HUGE_BYTES, OTHERS } from "./words.mjs";

/** A window is how long a client is watched in full and with `--quick`, in milliseconds. */
const WINDOWS = {
  return: { full: 40_000, quick: 16_000 },
  stop: { full: 40_000, quick: 16_000 },
  notice: { full: 60_000, quick: 30_000 },
  damage: { full: 40_000, quick: 25_000 },
  echo: { full: 45_000, quick: 35_000 },
  ack: { full: 30_000, quick: 15_000 },
  again: { full: 40_000, quick: 25_000 },
};

/**
 * @typedef {object} Row
 * @property {string} name what `--only` takes
 * @property {string} title what the server does
 * @property {keyof typeof WINDOWS} kind by which rule it is judged
 * @property {"from the start" | "after a good start"} when
 * @property {boolean} [needsDocument] whether there is nothing to judge in a client that holds no document
 * @property {(stage: Stage) => unknown} fault
 * @property {(stage: Stage) => unknown} [heal] what ends the fault after the window
 *
 * @typedef {object} Stage
 * @property {import("./front.mjs").Front} front
 * @property {(words: string) => Promise<void>} append edits as somebody else would
 * @property {() => Promise<void>} crash kills the server and starts it again with what it held at first
 */

/** @type {Row[]} */
export const ROWS = [
  {
    name: "refuses",
    title: "refuses the connection",
    kind: "return",
    when: "from the start",
    fault: () => {},
    heal: ({ front }) => front.listen(),
  },
  {
    name: "hangs",
    title: "takes the connection and never answers the handshake",
    kind: "notice",
    when: "from the start",
    ...treats({ kind: "hang" }, "once"),
  },
  { name: "accepts-drops", title: "accepts, then drops the connection at once", kind: "return", ...treats({ kind: "drop" }) },
  {
    name: "syncs-drops",
    title: "lets the client sync, then drops the connection after half a second, again and again",
    kind: "return",
    ...treats({ kind: "drop-later" }),
  },
  { name: "4401", title: "accepts, then closes with 4401 (unauthorised)", kind: "stop", ...treats({ kind: "drop", code: 4401 }) },
  { name: "1008", title: "accepts, then closes with 1008 (policy violation)", kind: "stop", ...treats({ kind: "drop", code: 1008 }) },
  { name: "1012", title: "accepts, then closes with 1012 (restart)", kind: "return", ...treats({ kind: "drop", code: 1012 }) },
  { name: "1013", title: "accepts, then closes with 1013 (try again later)", kind: "return", ...treats({ kind: "drop", code: 1013 }) },
  { name: "mute", title: "accepts and never says a word", kind: "notice", ...treats({ kind: "mute" }, "once") },
  {
    name: "falls-mute",
    title: "falls silent after a good start; the connection stays open",
    kind: "notice",
    when: "after a good start",
    fault: ({ front }) => front.mute(),
  },
  {
    name: "half-open",
    title: "is gone without a trace after a good start: nothing gets through either way, and nobody is told",
    kind: "notice",
    when: "after a good start",
    fault: ({ front }) => front.goHalfOpen(),
  },
  { name: "garbage", title: "sends noise in place of an edit", ...damages((frame, send) => send(noise(frame.length))) },
  { name: "truncated", title: "sends half of an edit", ...damages((frame, send) => send(frame.subarray(0, frame.length >> 1))) },
  { name: "text", title: "sends an edit as a text frame", ...damages((frame, send) => send(frame.toString("base64"), false)) },
  {
    name: "200mb",
    title: "sends an edit with 200 MB of noise behind it, in one frame",
    ...damages((frame, send) => send(Buffer.concat([frame, noise(HUGE_BYTES)]))),
  },
  {
    name: "no-echo",
    title: "sends nothing of a client's own back to it",
    kind: "echo",
    when: "after a good start",
    fault: ({ front }) => front.dropEchoes(),
  },
  {
    name: "no-ack",
    title: "drops an edit in silence and is otherwise well",
    kind: "ack",
    when: "after a good start",
    needsDocument: true,
    fault: ({ front }) => front.swallowEdits(),
  },
  {
    name: "rolls-back",
    title: "had the edit, crashes, and is back with an older state",
    kind: "again",
    when: "after a good start",
    needsDocument: true,
    fault: ({ crash }) => crash(),
  },
];

/** How long a row is watched. */
export function windowOf({ kind }, { quick }) {
  return WINDOWS[kind][quick ? "quick" : "full"];
}

/** New connections are treated so, from the start: all of them until the window is over, or the first one alone. */
function treats(treatment, how = "always") {
  const heal = ({ front }) => (front.treatment = { kind: "pass" });
  return {
    when: "from the start",
    fault: ({ front }) => {
      front.treatment = treatment;
      if (how === "once") front.once("accepted", () => heal({ front }));
    },
    heal,
  };
}

/** Somebody else's edit arrives damaged. */
function damages(damage) {
  return {
    kind: "damage",
    when: "after a good start",
    needsDocument: true,
    fault: async ({ front, append }) => {
      front.damageNextEdit(damage);
      await append(OTHERS);
    },
  };
}
