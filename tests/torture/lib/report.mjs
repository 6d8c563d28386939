// Decides how the results are told: one table of Markdown with what was done to whom, by which rule it is judged, and what
// came of it, put between two marks of a page.

import { readFile, writeFile } from "node:fs/promises";
import * as marks from "../../../scripts/lib/marks.mjs";
import { CLIENTS } from "./clients.mjs";
import { ALWAYS, RULES } from "./judge.mjs";

const WRITER = "`npm run torture`";
const SIGNS = { right: "✓", wrong: "✗", none: "–" };

/**
 * Tells the results.
 * @param {{ row: import("./rows.mjs").Row, cells: Record<string, { verdict: string, said: string }> }[]} results
 * @param {{ names: string[], versions: Record<string, string>, commit?: string, minutes: number, date: Date, isQuick: boolean }} run
 */
export function describe(results, { names, versions, commit, minutes, date, isQuick }) {
  return `${[
    ...table(["The server …", "Right is", ...names.map((name) => CLIENTS[name].title)], [
      ...results.map(({ row, cells }) => [row.title, RULES[row.kind].rule, ...names.map((name) => cellText(cells[name]))]),
      ["**rows that are right**", "", ...names.map((name) => `**${tally(results, name)}**`)],
    ]),
    "",
    `✓ right, ✗ wrong, – not to be judged. In every row it must hold as well that ${ALWAYS}. Times count from the beginning of the fault.`,
    "",
    `Measured on ${date.toISOString().slice(0, 10)}${commit ? ` at commit ${commit}` : ""} in ${Math.round(minutes)} minutes${isQuick ? " with `--quick`" : ""}, ` +
      `one run, each client with its defaults, under Node ${process.version.slice(1)}: ` +
      `${names.map((name) => `${CLIENTS[name].package} ${versions[name]}`).join(", ")}.`,
  ].join("\n")}\n`;
}

/** Puts the text between the marks of a page. */
export async function writeBetweenMarks(file, text) {
  await writeFile(file, betweenMarks(await readFile(file, "utf8"), text));
}

/** The page with the text between its marks. */
export function betweenMarks(page, text) {
  return marks.betweenMarks(page, WRITER, "table", `\n${text}`);
}

/** How many of the rows that can be judged are right. */
export function tally(results, name) {
  const judged = results.map(({ cells }) => cells[name]).filter(({ verdict }) => verdict !== "none");
  return `${judged.filter(({ verdict }) => verdict === "right").length} of ${judged.length}`;
}

function cellText({ verdict, said }) {
  return `${SIGNS[verdict]} ${said}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
