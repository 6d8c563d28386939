// Decides how a soak is told: a table of what was counted, and what was done meanwhile.

import * as marks from "../../../scripts/lib/marks.mjs";

const WRITER = "`npm run soak`";
const SIDES = { page: "page of Chromium", node: "process of Node" };
const KB = 1000;
const MINUTE = 60_000;

/**
 * The table, and below it what was done.
 * @param {import("./flat.mjs").Series[]} series
 * @param {import("./soak.mjs").Soaked} soaked
 * @param {{ began: Date, commit?: string, chart?: string }} run
 */
export function describe(series, soaked, { began, commit, chart }) {
  const rows = series.map(({ side, title, unit, points, middle, end, rise, bound, isFlat }) => {
    const shown = [points[0].value, middle, end, rise].map((value) => number(value, unit));
    const verdict = bound === undefined ? "as it is" : isFlat ? `✓ at most ${number(bound, unit)}` : `✗ more than ${number(bound, unit)}`;
    return [SIDES[side], unit ? `${title}, ${unit}` : title, ...shown, verdict];
  });
  const { turns, edits, opened, cuts, samples, ms } = soaked;
  const head = ["", "", "first sample", "line at half time", "line at the end", "rise over the last half", "flat"];
  return [
    ...table(head, rows),
    "",
    `Measured on ${began.toISOString().slice(0, 10)}${commit ? ` at commit ${commit}` : ""}, for ${round(ms / MINUTE, 1)} minutes: ${[
      `${turns.toLocaleString("en")} turns of both sides`,
      `${edits.toLocaleString("en")} edits`,
      `${opened.toLocaleString("en")} documents opened and closed`,
      `connections cut ${cuts} times`,
      `${samples.length} samples`,
    ].join(", ")}.`,
    ...(chart ? ["", `![Memory over the minutes](${chart})`] : []),
  ].join("\n");
}

/** The page with the text between its marks. */
export function betweenMarks(page, text) {
  return marks.betweenMarks(page, WRITER, "table", `\n${text}\n`);
}

/** What was counted this time, in a line. */
export function sampleInWords({ at, page, node }) {
  const [heap, wasm, nodeHeap] = [page.heap, page.wasm, node.heap].map((bytes) => number(bytes, "kB"));
  const counts = `${page.listeners} listeners, ${page.timers} timers, ${page.sockets} sockets; Node: ${node.handles} handles`;
  return `${round(at / MINUTE, 1)} minutes: page ${heap} kB and wasm ${wasm} kB, Node ${nodeHeap} kB; ${counts}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(["---", "---", "---:", "---:", "---:", "---:", "---"]), ...rows.map(line)];
}

function number(value, unit) {
  const digits = unit === "kB" ? 1 : 2;
  return round(unit === "kB" ? value / KB : value, digits).toLocaleString("en");
}

function round(value, digits) {
  const rounded = Number(value.toFixed(digits));
  // Not "-0".
  return rounded === 0 ? 0 : rounded;
}
