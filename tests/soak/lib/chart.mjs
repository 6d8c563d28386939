// Decides how the memory of a soak looks as a picture: a line for each kind, over the minutes.

const STYLE = `text{font:12px system-ui,sans-serif;fill:#57606a}.grid{stroke:#8b949e;stroke-opacity:.35}
polyline{fill:none;stroke-width:1.5}@media (prefers-color-scheme:dark){text{fill:#a5afba}}`;
const COLORS = ["#e4572e", "#4c8eda", "#35a06b", "#8e6bd8", "#bb8d12", "#7a8288"];
const WIDTH = 760;
const HEIGHT = 300;
const [LEFT, RIGHT, TOP, BOTTOM] = [50, 16, 64, 30];
const MIB = 2 ** 20;
const MINUTE = 60_000;
const LINES = 4;

/**
 * The picture as SVG, readable on light and on dark.
 * @param {import("./flat.mjs").Series[]} series those that are drawn, all of bytes
 */
export function drawChart(series) {
  const most = Math.ceil(Math.max(...series.flatMap(({ points }) => points.map(({ value }) => value))) / MIB);
  const last = Math.max(...series.map(({ points }) => points.at(-1).at));
  const x = (at) => round(LEFT + (at / last) * (WIDTH - LEFT - RIGHT));
  const y = (value) => round(HEIGHT - BOTTOM - (value / MIB / most) * (HEIGHT - TOP - BOTTOM));
  const steps = Array.from({ length: LINES + 1 }, (_, n) => n / LINES);
  const grid = steps.map((step) => {
    const top = y(most * MIB * step);
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top}" y2="${top}"/><text x="${LEFT - 8}" y="${top + 4}" text-anchor="end">${round(most * step)}</text>`;
  });
  const minutes = steps.map((step) => `<text x="${x(last * step)}" y="${HEIGHT - 10}" text-anchor="middle">${Math.round((last * step) / MINUTE)}</text>`);
  const lines = series.map(({ points }, n) => {
    const path = points.map(({ at, value }) => `${x(at)},${y(value)}`).join(" ");
    return `<polyline stroke="${COLORS[n % COLORS.length]}" points="${path}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
<title>Memory in MiB, over the minutes</title>
<style>${STYLE}</style>
${series.map(legend).join("\n")}
${[...grid, ...minutes, ...lines].join("\n")}
</svg>
`;
}

function legend({ side, title }, n) {
  const [left, top] = [LEFT + (n % 2) * 340, 8 + Math.floor(n / 2) * 17];
  const square = `<rect x="${left}" y="${top}" width="11" height="11" rx="2" fill="${COLORS[n % COLORS.length]}"/>`;
  return `${square}<text x="${left + 17}" y="${top + 10}">${side === "page" ? "page" : "Node"}: ${title} (MiB)</text>`;
}

function round(value) {
  return Math.round(value * 10) / 10;
}
