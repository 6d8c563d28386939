// Decides how it is told that a cost grows with something, and what is too fast.

/** The line of a table below the costs. A tenfold size may cost sixteen times as much: less cannot be told from linear. */
export function growthOf(what) {
  return { title: `${what}: growth`, unit: "", target: { most: 1.2 }, isShare: false };
}

export const GROWTH_IN_WORDS =
  "Growth is the power of the size that the cost grows with, at the steepest step of the table: 1 is linear, ✗ is faster.";
