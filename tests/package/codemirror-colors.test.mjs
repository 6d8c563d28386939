// The colours of people in CodeMirror: whatever they choose can be seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";

const { paintOf } = await importBuilt("codemirror-colors.js");

test("every colour is seen on light and dark ground, and names on it can be read", () => {
  const luminance = (parts) => {
    const [red, green, blue] = parts.map((part) => (part <= 10.31 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  for (let step = 0; step < 4096; step += 7) {
    const hex = `#${step.toString(16).padStart(3, "0")}`;
    for (const [ground, behind] of [["light", [255, 255, 255]], ["dark", [40, 44, 52]]]) {
      const { color, ink } = paintOf(1, hex, ground);
      const parts = color.match(/\d+/g).map(Number);
      assert(contrast(parts, behind) >= 3, `${hex} is ${color}`);
      assert(contrast(parts, ink === "#fff" ? [255, 255, 255] : [0, 0, 0]) >= 4.5, `${ink} on ${color}`);
    }
  }
  assert.equal(paintOf(1, "#7c3aed", "light").color, "rgb(124, 58, 237)", "what can be seen is kept");
  assert.deepEqual(paintOf(9, { a: 1 }, "light"), paintOf(1, undefined, "light"));
});
