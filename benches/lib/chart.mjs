// Decides how a row looks as a picture: a bar for each library, as long as its ratio to the base, on a logarithmic scale.

const COLORS = { syncline: "#e4572e", yjs: "#4c8eda", ywasm: "#8e6bd8", loro: "#35a06b", automerge: "#bb8d12" };

const STYLE = `text{font:12px system-ui,sans-serif;fill:#57606a}
.line{stroke:#8b949e;stroke-opacity:.35}.base{stroke:#8b949e}.target{stroke:#57606a;stroke-width:2}
@media (prefers-color-scheme:dark){text{fill:#a5afba}.target{stroke:#d0d7de}}`;

const WIDTH = 760;
const LEFT = 210;
const RIGHT = 110;
const BAR = 13;
const GAP = 3;
const GROUP_GAP = 16;
const TOP = 46;

/**
 * The picture as SVG, readable on light and on dark; undefined where there is nothing to compare.
 * @param {{ title: string, base: string, names: Record<string, string>, lines: { title: string, target?: number,
 *   bars: { library: string, ratio: number, label: string }[] }[] }} chart `ratio` is that to the base
 */
export function drawChart({ title, base, names, lines }) {
  const drawn = lines.filter(({ bars }) => bars.length > 1);
  if (drawn.length === 0) return undefined;
  const scale = scaleFor(drawn.flatMap(({ bars, target }) => [...bars.map(({ ratio }) => ratio), target ?? 1]));
  let top = TOP;
  const groups = drawn.map((line) => {
    const group = drawGroup(line, { top, scale });
    top += line.bars.length * (BAR + GAP) + GROUP_GAP;
    return group;
  });
  const legend = Object.entries(names).map(([library, name], n) => drawLegend(library, name, n)).join("");
  const size = `width="${WIDTH}" height="${top + 24}" viewBox="0 0 ${WIDTH} ${top + 24}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">
<title>${escape(title)}</title>
<style>${STYLE}</style>
${legend}
${drawAxis(scale, { base, bottom: top })}
${groups.join("\n")}
</svg>
`;
}

/** Whole decades around what is shown. */
function scaleFor(ratios) {
  const decades = ratios.map(Math.log10);
  const [from, to] = [Math.floor(Math.min(0, ...decades)), Math.ceil(Math.max(0, ...decades))];
  const last = Math.max(to, from + 1);
  const x = (ratio) => LEFT + ((Math.log10(ratio) - from) / (last - from)) * (WIDTH - LEFT - RIGHT);
  return { x, ticks: Array.from({ length: last - from + 1 }, (_, n) => 10 ** (from + n)) };
}

function drawAxis({ x, ticks }, { base, bottom }) {
  return ticks
    .map((tick) => {
      const at = round(x(tick));
      const label = tick === 1 ? `×1 (${base})` : `×${Number(tick.toPrecision(1))}`;
      const line = `<line class="${tick === 1 ? "base" : "line"}" x1="${at}" x2="${at}" y1="${TOP - 8}" y2="${bottom - 6}"/>`;
      return `${line}<text x="${at}" y="${bottom + 10}" text-anchor="middle">${escape(label)}</text>`;
    })
    .join("\n");
}

function drawGroup({ title, target, bars }, { top, scale }) {
  const height = bars.length * (BAR + GAP);
  const heading = `<text x="${LEFT - 10}" y="${round(top + height / 2 + 3)}" text-anchor="end">${escape(title)}</text>`;
  const aim = target === undefined ? 0 : scale.x(target);
  // The target crosses the first bar, which is ours; what is written there stands behind it.
  const place = (n) => ({ top: top + n * (BAR + GAP), behind: n === 0 ? aim : 0, scale });
  const drawn = bars.map((bar, n) => drawBar(bar, place(n))).join("");
  if (target === undefined) return heading + drawn;
  const line = `x1="${round(aim)}" x2="${round(aim)}" y1="${top - 3}" y2="${top + BAR + 3}"`;
  return `${heading}${drawn}<line class="target" ${line}><title>target</title></line>`;
}

/** From the left edge of the scale on, so that shorter is less. */
function drawBar({ library, ratio, label }, { top, behind, scale }) {
  const end = scale.x(ratio);
  const size = `width="${round(Math.max(1, end - LEFT))}" height="${BAR}"`;
  const bar = `<rect x="${LEFT}" y="${top}" ${size} rx="2" fill="${COLORS[library]}"/>`;
  return `${bar}<text x="${round(Math.max(end, behind) + 5)}" y="${top + BAR - 2}">${escape(label)}</text>`;
}

function drawLegend(library, name, n) {
  const x = LEFT + n * 100;
  return `<rect x="${x}" y="10" width="12" height="12" rx="2" fill="${COLORS[library]}"/><text x="${x + 17}" y="20">${escape(name)}</text>`;
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
