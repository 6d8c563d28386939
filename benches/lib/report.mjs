// Decides how the results are told: a table for each row with its targets, met or not, and what took part.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { BASE, LIBRARIES, versionOf } from "./libraries.mjs";
import { median, medianRatio } from "./statistics.mjs";

const OURS = "syncline";

/** What a measurement came to, for each library: its median, and the ratio to the base in the same rounds. */
export function summary(samples = {}) {
  const entries = Object.entries(samples).map(([library, values]) => {
    const ratio = samples[BASE] ? medianRatio(values, samples[BASE]) : undefined;
    return [library, { value: median(values), ratio }];
  });
  return Object.fromEntries(entries);
}

/** Whether the target is met: "✓" or "✗", and "" where there is no target or no value. */
export function verdict({ target }, found) {
  const ours = found[OURS];
  if (!target || !ours) return "";
  const reached = target.most === undefined ? ours.ratio : ours.value;
  return reached <= (target.most ?? target.ratio) ? "✓" : "✗";
}

/** The results as Markdown, and what writes them. */
export async function describe(results, context) {
  const text = [introduction(context), ...results.map(describeRow)].join("\n");
  return { text, write: (folder) => writeFile(path.join(folder, "RESULTS.md"), text) };
}

function introduction({ libraries, quick, operations, session, minutes }) {
  const part = operations < session.operations.length ? `the first ${operations.toLocaleString("en-US")} operations` : "all";
  return `# Results

Written by \`npm run bench${quick ? " -- --quick" : ""}\` in ${Math.ceil(minutes)} minutes: headless Chromium, the libraries in turn. The session is
${session.name}, ${part} of ${session.operations.length.toLocaleString("en-US")}. Absolute times depend on the machine; the ratios are the
result: × is the median of the ratios to ${BASE} in the same round.

${versions(libraries)}.
`;
}

/** The lines of one row as Markdown. */
function describeRow({ row, samples, failures, rounds, taking: names }) {
  const head = ["", ...names.map((name) => LIBRARIES[name].title), "target"];
  const notes = new Set(Object.entries(failures).map(([name, why]) => `${LIBRARIES[name].title} failed: ${why}`));
  const lines = Object.entries(row.measurements).map(([key, measurement]) => {
    const found = summary(samples[key]);
    const cells = names.map((name) => cell(found[name], measurement, name));
    for (const [name, why] of Object.entries(measurement.missing ?? {})) {
      if (names.includes(name)) notes.add(`${LIBRARIES[name].title}, ${measurement.title}: ${why}`);
    }
    return [measurement.title, ...cells, targetOf(measurement, found)];
  });
  const table = [head, ["---", ...names.map(() => "---:"), "---"], ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  const told = [...notes].map((note) => `\n– ${note}.`).join("");
  return `## ${row.title}\n\n${row.how.replaceAll("\n", " ")} Median of ${rounds}.\n\n${table.join("\n")}\n${told}\n`;
}

function cell(found, { unit }, name) {
  if (!found) return "–";
  const ratio = name === BASE || !Number.isFinite(found.ratio) ? "" : ` (×${short(found.ratio)})`;
  return `${amount(found.value, unit)}${ratio}`;
}

function targetOf(measurement, found) {
  const { target, unit } = measurement;
  if (!target) return "";
  const most = target.most === undefined ? `≤ ×${target.ratio}` : `≤ ${amount(target.most, unit)}`;
  return `${most} ${verdict(measurement, found)}`.trim();
}

/** A value with its unit, with as many digits as it deserves. */
export function amount(value, unit) {
  if (value === Infinity) return "too slow";
  const number = value !== 0 && Math.abs(value) < 10 ? short(value) : String(Math.round(value * 10) / 10);
  return `${Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en-US") : number} ${unit}`.trim();
}

/** Two digits that count. */
export function short(value) {
  return String(Number(value.toPrecision(2)));
}

/** What took part, in words. */
export function versions(names) {
  const packages = names.flatMap((name) => LIBRARIES[name].packages);
  return packages.map((name) => `${name} ${versionOf(name)}`).join(", ");
}
