// Decides how bytes are damaged on their way: as networks and programs in between might, by seed.

/** Each way returns damaged bytes, of those that are at least one long. */
const WAYS = {
  flip(bytes, dice) {
    const damaged = Buffer.from(bytes);
    damaged[dice.below(bytes.length)] ^= 1 << dice.below(8);
    return damaged;
  },
  cut(bytes, dice) {
    const [from, to] = range(bytes, dice);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  double(bytes, dice) {
    const [from, to] = range(bytes, dice);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  /** What is left of a message is none: whoever reads it can know. */
  end(bytes, dice) {
    return bytes.subarray(0, dice.below(bytes.length));
  },
};

/** The names of the ways. */
export const WAYS_OF_DAMAGE = Object.keys(WAYS);

const LONGEST = 16;

/**
 * The bytes damaged in a way that the dice choose.
 * @param {Buffer} bytes
 * @param {ReturnType<typeof import("../../e2e/lib/random.mjs").random>} dice
 * @param {string[]} [ways] those that they choose from
 */
export function damage(bytes, dice, ways = WAYS_OF_DAMAGE) {
  return bytes.length === 0 ? bytes : WAYS[dice.pick(ways)](bytes, dice);
}

/** A few bytes somewhere. */
function range(bytes, dice) {
  const from = dice.below(bytes.length);
  return [from, Math.min(bytes.length, from + 1 + dice.below(LONGEST))];
}
