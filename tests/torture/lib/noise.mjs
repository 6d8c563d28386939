// Decides which bytes stand for noise: the same for everybody and in every run.

const BLOCK_BYTES = 1 << 16;
const SEED = 0x9e3779b9;

const block = makeBlock();

/** So many bytes of noise. */
export function noise(length) {
  return Buffer.alloc(length, block.subarray(0, Math.min(length, BLOCK_BYTES)));
}

/** By xorshift, which has no short cycles. */
function makeBlock() {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  let state = SEED;
  for (let at = 0; at < BLOCK_BYTES; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}
