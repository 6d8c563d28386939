// Decides what is random in the tests: everything follows from one printed seed.

/** Mulberry32: small, and good enough to choose edits. */
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** A whole number from 0 to `bound` - 1. */
    below: (bound) => Math.floor(next() * bound),
    pick: (values) => values[Math.floor(next() * values.length)],
    chance: (probability) => next() < probability,
  };
}

/** The seeds a test runs with: its own, and the one of `$SEED` alone when there is one. */
export function seeds(...usual) {
  return process.env.SEED ? [Number(process.env.SEED)] : usual;
}
