/** Decides in which colour a person is shown: theirs, as far as it can be seen and read against the editor. */

/** Red, green and blue, from 0 to 255. */
type Rgb = readonly [number, number, number];

/** What kind of theme the editor has. */
export type Ground = "light" | "dark";

/** How a person is painted, in CSS. */
export interface Paint {
  /** The caret, what is selected, and what the name stands on. */
  readonly color: string;
  /** The name. */
  readonly ink: string;
}

/** Those who chose no colour get one of these, by their id. */
const COLORS = ["#30bced", "#6eeb83", "#ffbc42", "#8acb88", "#1be7ff", "#ee6352", "#9ac2c9", "#ecd444"] as const;
const [WHITE, BLACK]: readonly [Rgb, Rgb] = [[255, 255, 255], [0, 0, 0]];
/** The lightest ground that dark themes of CodeMirror have. */
const DARK_GROUND: Rgb = [40, 44, 52];
/** What WCAG 2.2 asks of what is not text (1.4.11). */
const LEAST_CONTRAST = 3;

const known = new Map<string, Rgb | undefined>();

/** The colour of whoever chose none. */
export function colorOf(client: number): string {
  return COLORS[client % COLORS.length] ?? COLORS[0];
}

/** How to paint `client`, who has chosen `wanted`: anything, for it comes from outside. */
export function paintOf(client: number, wanted: unknown, ground: Ground): Paint {
  const chosen = typeof wanted === "string" ? parse(wanted) : undefined;
  const [behind, target] = ground === "dark" ? [DARK_GROUND, WHITE] : [WHITE, BLACK];
  const color = untilSeen(chosen ?? parse(colorOf(client)) ?? BLACK, behind, target);
  const ink = contrast(color, WHITE) >= contrast(color, BLACK) ? "#fff" : "#000";
  return { color: `rgb(${color.join(", ")})`, ink };
}

/** `color` on its way to `target`, as soon as it differs enough from `ground`. */
function untilSeen(color: Rgb, ground: Rgb, target: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(color, target, share);
    if (contrast(mixed, ground) >= LEAST_CONTRAST) return mixed;
  }
  return target;
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const between = (x: number, y: number): number => Math.round(x + (y - x) * share);
  return [between(a[0], b[0]), between(a[1], b[1]), between(a[2], b[2])];
}

/** The ratio of WCAG: from 1 to 21. */
function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (part: number): number => (part <= 10.31 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Any colour of CSS, as the browser understands it; undefined for what is none. */
function parse(color: string): Rgb | undefined {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})/i.exec(color) ?? /^#([\da-f])([\da-f])([\da-f])/i.exec(color);
  if (hex) return toRgb(hex.slice(1).map((digits) => Number.parseInt(digits.padEnd(2, digits), 16)));
  if (!known.has(color)) {
    // What others send must not fill the memory.
    if (known.size >= 100) known.clear();
    known.set(color, computed(color));
  }
  return known.get(color);
}

/** A property takes nothing but a colour, whatever somebody sends; its computed value is in numbers. */
function computed(color: string): Rgb | undefined {
  const probe = document.createElement("span");
  probe.style.color = color;
  if (probe.style.color === "") return undefined;
  document.body.append(probe);
  const numbers = /^rgba?\((.+)\)$/.exec(getComputedStyle(probe).color)?.[1]?.split(",").map(Number.parseFloat);
  probe.remove();
  return numbers && toRgb(numbers);
}

function toRgb([red, green, blue]: readonly number[]): Rgb | undefined {
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  const rgb: Rgb = [red, green, blue];
  return rgb.every(Number.isFinite) ? rgb : undefined;
}
