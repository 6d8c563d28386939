// Decides how the kills are told: a table of what was killed, what had been promised then, and what was not there afterwards.

import * as marks from "../../../scripts/lib/marks.mjs";

const WRITER = "`npm run kills`";

/**
 * A row for a server that was killed.
 * @param {string} name of the server
 * @param {import("./server-kills.mjs").Tally} tally
 */
export function serverRow(name, { kills, words, promised, lost, rooms, took }) {
  const sorted = took.toSorted((a, b) => a - b);
  const again = `all held again ${seconds(sorted[Math.floor(sorted.length / 2)])} after it was back in the median, at most ${seconds(sorted.at(-1))}`;
  return [`the server: ${name}`, count(kills), count(words), `held: ${count(promised)}`, count(lost.length), `${equal(rooms)}; ${again}`];
}

/**
 * A row for a browser that was killed.
 * @param {string} name of the browser
 * @param {string} server its name
 * @param {import("./browser-kills.mjs").Tally} tally
 */
export function browserRow(name, server, { kills, together, words, held, stored, inTime, lost, rooms, cleared }) {
  const notes = [equal(rooms), `something was promised before ${inTime} of the kills`];
  if (cleared > 0) notes.push(`the browser had lost all of the site ${cleared} times`);
  const safe = `held: ${count(held)}, stored: ${count(stored)}`;
  return [`the browser: ${name}, ${together} times together with the server (${server})`, count(kills), count(words), safe, count(lost.length), notes.join("; ")];
}

/** The table, and below it when it was measured. */
export function describe(rows, { began, commit, minutes }) {
  const head = ["killed with SIGKILL", "kills", "words typed", "promised at the kills", "of these lost", "replicas in the end"];
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const table = [line(head), line(["---", "---:", "---:", "---", "---:", "---"]), ...rows.map(line)];
  const where = commit ? ` at commit ${commit}` : "";
  return [...table, "", `Measured on ${began.toISOString().slice(0, 10)}${where}, in ${Math.round(minutes)} minutes.`].join("\n");
}

/** The page with the text between its marks. */
export function betweenMarks(page, text) {
  return marks.betweenMarks(page, WRITER, "table", `\n${text}\n`);
}

/** What was not there, in a line. */
export function lossInWords({ kill, where = "the server", name, count: promised, there }) {
  return `after kill ${kill} ${where} had ${there} words of ${name}, of which ${promised} were promised`;
}

function equal(rooms) {
  return rooms === 1 ? "equal" : `equal in all ${rooms} rooms`;
}

function count(number) {
  return number.toLocaleString("en");
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
