// Decides what is flat: of what a line that is fitted to the last half of the samples says it rose by, no more than a bound.

const PAGE_OF_WASM = 65_536;
/** The timeline keeps up to 32 marks of each of six names (docs/observability.md): how many depends on the moment. */
const MARKS = 32;

/**
 * What is counted, of both sides. `bound` is what the line may rise by over the last half, by the mean of that half: memory by
 * a thirtieth, as its engine compiles and forgets; wasm memory, which grows by whole pages and never shrinks, by one; what is
 * counted by less than half of one. What has no bound is only told.
 */
export const MEASURES = {
  heap: { title: "JavaScript heap", unit: "kB", bound: (mean) => mean / 30 },
  external: { title: "memory outside of the heap, without wasm", unit: "kB", bound: (mean) => mean / 30 },
  wasm: { title: "wasm memory", unit: "kB", bound: () => PAGE_OF_WASM },
  places: { title: "JavaScript values that wasm holds", bound: half },
  listeners: { title: "event listeners", bound: half },
  nodes: { title: "DOM nodes", bound: half },
  marks: { title: "marks on the timeline", bound: () => MARKS },
  timers: { title: "timers", bound: half },
  sockets: { title: "WebSockets", bound: half },
  databases: { title: "connections to IndexedDB", bound: half },
  channels: { title: "broadcast channels", bound: half },
  ports: { title: "message ports", bound: half },
  locks: { title: "locks", bound: half },
  handles: { title: "other handles of Node", bound: half },
  files: { title: "open files", bound: half },
  history: { title: "the document that stays, as an update", unit: "kB" },
};

/**
 * Judges each series of the samples of a soak.
 * @param {import("./soak.mjs").Sample[]} samples
 * @returns {Series[]}
 * @typedef {{ side: string, name: string, title: string, unit?: string, points: { at: number, value: number }[], middle: number,
 *   end: number, rise: number, bound?: number, isFlat: boolean }} Series `rise` is that of the line over the last half;
 *   `middle` and `end` are where the line begins and ends
 */
export function judge(samples) {
  return ["page", "node"].flatMap((side) =>
    Object.entries(MEASURES)
      .filter(([name]) => samples[0]?.[side][name] !== undefined)
      .map(([name, { title, unit, bound }]) => {
        const points = samples.map(({ at, [side]: counts }) => ({ at, value: counts[name] }));
        const line = fit(lastHalf(points));
        const limit = bound?.(line.mean);
        // What went away is no leak.
        const isFlat = limit === undefined || line.rise <= limit;
        return { side, name, title, unit, points, ...line, bound: limit, isFlat };
      }),
  );
}

/** The line of least squares: its mean, where it begins and ends, and by how much it rises. */
export function fit(points) {
  const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleOfTime, mean] = [meanOf(points.map(({ at }) => at)), meanOf(points.map(({ value }) => value))];
  const spread = points.reduce((sum, { at }) => sum + (at - middleOfTime) ** 2, 0);
  const together = points.reduce((sum, { at, value }) => sum + (at - middleOfTime) * (value - mean), 0);
  const slope = spread === 0 ? 0 : together / spread;
  const [from, to] = [points[0].at, points.at(-1).at];
  const height = (at) => mean + slope * (at - middleOfTime);
  return { mean, middle: height(from), end: height(to), rise: slope * (to - from) };
}

function lastHalf(points) {
  const half = points.at(-1).at / 2;
  const last = points.filter(({ at }) => at >= half);
  return last.length > 1 ? last : points.slice(-2);
}

function half() {
  return 0.499;
}
