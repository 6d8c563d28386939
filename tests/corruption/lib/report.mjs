// Decides how the sessions with damage are told: a table with what was damaged, and what came of it with each client.

import * as marks from "../../../scripts/lib/marks.mjs";

const WRITER = "`npm run corruption`";
const TITLES = { syncline: "Syncline", "y-websocket": "y-websocket 3.1.0" };

/**
 * @param {{ row: { title: string }, tallies: Record<string, import("./campaign.mjs").Tally> }[]} results
 * @param {{ began: Date, commit?: string, from: number, to: number, healMs: number, minutes: number }} run
 */
export function describe(results, { began, commit, from, to, healMs, minutes }) {
  const kinds = Object.keys(results[0].tallies);
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rows = results.map(({ row, tallies }) => line([row.title, ...kinds.map((kind) => cell(tallies[kind]))]));
  const head = [line(["what is damaged", ...kinds.map((kind) => TITLES[kind])]), line(["---", ...kinds.map(() => "---")])];
  const where = commit ? ` at commit ${commit}` : "";
  const when = `Measured on ${began.toISOString().slice(0, 10)}${where}, seeds ${from}..${to}, in ${Math.round(minutes)} minutes, ${healMs / 1000} s to heal.`;
  return [...head, ...rows, "", when].join("\n");
}

/** What came of the sessions of a row with one client. */
function cell({ sessions, damaged, same, other, missing, honest, healed, uncaught }) {
  const parts = [`**${same} of ${sessions} healed**`];
  if (healed.length > 0) parts[0] += `, after ${seconds(median(healed))} in the median, at most ${seconds(Math.max(...healed))}`;
  if (other > 0) parts.push(`${other} with other content in the same elements`);
  if (missing > 0) parts.push(`${missing} diverged for good, of which ${honest} do not say that they are in step`);
  if (uncaught.length > 0) parts.push(`${uncaught.length} errors that nobody can catch`);
  return `${parts.join("; ")} (${damaged} times damaged)`;
}

/** The page with the text between its marks. */
export function betweenMarks(page, text) {
  return marks.betweenMarks(page, WRITER, "table", `\n${text}\n`);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
