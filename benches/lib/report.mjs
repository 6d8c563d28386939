// Decides how the results are told: every target and whether it is met, then a table and a picture for each row.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import path from "node:path";
import { drawChart } from "./chart.mjs";
import { BASE, LIBRARIES, versionOf } from "./libraries.mjs";
import { median, medianRatio } from "./statistics.mjs";

const OURS = "syncline";

/** The results as Markdown, and what writes them and their pictures into a folder. */
export async function describe(results, context) {
  const charts = results.map(chartOf);
  const rows = results.map((result, n) => describeRow(result, charts[n]));
  const text = [introduction(context), targets(results), ...rows].join("\n");
  const write = async (folder) => {
    await writeFile(path.join(folder, "RESULTS.md"), text);
    const pictures = path.join(folder, "charts");
    await rm(pictures, { recursive: true, force: true });
    await mkdir(pictures);
    for (const [n, chart] of charts.entries()) {
      if (chart) await writeFile(path.join(pictures, `${results[n].row.name}.svg`), chart);
    }
  };
  return { text, write };
}

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
  if (reached === undefined) return "";
  return reached <= (target.most ?? target.ratio) ? "✓" : "✗";
}

function introduction({ commit, libraries, quick, rounds, operations, session, minutes }) {
  const given = [quick ? "--quick" : "", rounds === undefined ? "" : `--rounds ${rounds}`].filter(Boolean).join(" ");
  const number = (count) => count.toLocaleString("en-US");
  const today = new Date().toISOString().slice(0, 10);
  const all = session.operations.length;
  const part = operations < all ? `the first ${number(operations)} of its ${number(all)} operations` : `all ${number(all)} operations`;
  return `# Results

Written by \`npm run bench${given && ` -- ${given}`}\` on ${today} at commit ${commit} in ${Math.ceil(minutes)} min:
headless Chromium on ${cpus().length} cores, the libraries in turn. The session is ${session.name}: ${part}.
Absolute times depend on the machine and its load; the ratios are the result: × is the median of the ratios to ${BASE} in
the same round. [How it is measured](README.md).

${versions(libraries)}.
`;
}

/** All targets in one table. */
function targets(results) {
  const lines = results.flatMap(({ row, samples }) =>
    Object.entries(row.measurements).flatMap(([key, measurement]) => {
      const found = summary(samples[key]);
      const met = verdict(measurement, found);
      return met === "" ? [] : [[`${row.title}: ${titleOf(row, key)}`, limitOf(measurement), reachedOf(measurement, found[OURS]), met]];
    }),
  );
  if (lines.length === 0) return "";
  const met = lines.filter((line) => line.at(-1) === "✓").length;
  const table = tableOf(["", "at most", "Syncline", ""], ["---", "---:", "---:", "---"], lines);
  return `## Targets\n\n${met} of ${lines.length} are met.\n\n${table}\n`;
}

/** A line that begins with "…" goes on about the one before it. */
function titleOf({ measurements }, key) {
  const keys = Object.keys(measurements);
  const { title } = measurements[key];
  if (!title.startsWith("…")) return title;
  const before = keys.slice(0, keys.indexOf(key)).findLast((other) => !measurements[other].title.startsWith("…"));
  return `${measurements[before].title} ${title}`;
}

function describeRow({ row, samples, failures, rounds, taking }, chart) {
  const head = ["", ...taking.map((name) => LIBRARIES[name].title), "target"];
  const lines = Object.entries(row.measurements)
    .filter(([key]) => samples[key])
    .map(([key, measurement]) => {
      const found = summary(samples[key]);
      const cells = taking.map((name) => cellOf(found[name], measurement, name));
      return [measurement.title, ...cells, [measurement.target && limitOf(measurement), verdict(measurement, found)].join(" ").trim()];
    });
  const notes = notesOf(row, failures, taking).map((note) => `\n– ${note}.`).join("");
  const picture = chart ? `\n![${row.title}](charts/${row.name}.svg)\n` : "";
  const how = `${row.how.replaceAll("\n", " ")} ${rounds === 1 ? "One round." : `Median of ${rounds} rounds.`}`;
  return `## ${row.title}\n\n${how}\n\n${tableOf(head, ["---", ...taking.map(() => "---:"), "---"], lines)}\n${notes}\n${picture}`;
}

function notesOf(row, failures, taking) {
  const missing = Object.values(row.measurements).flatMap(({ title, missing = {} }) =>
    Object.entries(missing).filter(([name]) => taking.includes(name)).map(([name, why]) => `${LIBRARIES[name].title}, ${title}: ${why}`),
  );
  const failed = Object.entries(failures).map(([name, why]) => `${LIBRARIES[name].title} failed: ${why}`);
  return [...missing, ...failed];
}

function chartOf({ row, samples, taking }) {
  const lines = Object.entries(row.measurements).map(([key, { unit, target, isShare }]) => {
    const found = summary(samples[key]);
    const isDrawn = (name) => found[name] && found[name].ratio > 0 && Number.isFinite(found[name].ratio);
    const bars = taking.filter((name) => isShare !== false && isDrawn(name)).map((library) => {
      const { ratio, value } = found[library];
      return { library, ratio, label: library === BASE ? amount(value, unit) : times(ratio) };
    });
    return { title: titleOf(row, key).slice(0, 36), target: target?.ratio, bars };
  });
  const names = Object.fromEntries(taking.map((name) => [name, LIBRARIES[name].title]));
  return drawChart({ title: row.title, base: BASE, names, lines });
}

function tableOf(head, rule, lines) {
  return [head, rule, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cellOf(found, { unit, isShare }, name) {
  if (!found) return "–";
  const hasRatio = name !== BASE && isShare !== false && Number.isFinite(found.ratio);
  return `${amount(found.value, unit)}${hasRatio ? ` (${times(found.ratio)})` : ""}`;
}

function limitOf({ target, unit }) {
  return target.most === undefined ? `×${target.ratio}` : amount(target.most, unit);
}

function reachedOf({ target, unit }, { ratio, value }) {
  return target.most === undefined ? times(ratio) : amount(value, unit);
}

/** A value with its unit, with as many digits as it deserves. */
export function amount(value, unit) {
  if (value === Infinity) return "too slow";
  const size = Math.abs(value);
  const number = size >= 1_000 ? Math.round(value).toLocaleString("en-US") : size >= 10 ? String(Math.round(value * 10) / 10) : short(value);
  return `${number} ${unit}`.trim();
}

/** A ratio, near one with as many digits as it takes to see on which side it lies. */
function times(ratio) {
  return `×${ratio > 0.9 && ratio < 1.1 ? Number(ratio.toPrecision(3)) : short(ratio)}`;
}

/** Two digits that count. */
export function short(value) {
  return String(Number(value.toPrecision(2)));
}

/** What took part, in words. */
function versions(names) {
  const packages = names.flatMap((name) => LIBRARIES[name].packages);
  return packages.map((name) => `${name} ${versionOf(name)}`).join(", ");
}
