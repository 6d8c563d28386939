/** Decides what is learned from the memory of an instance that has ended: which bytes it had in hand, and of whom. */

/** Bytes that have ended an instance, and what was done with them then; see `src/replica/in_hand.rs`. */
export interface Poison {
  readonly stage: number;
  readonly update: Uint8Array;
}

/** What was in hand, and the lower 32 bits of the client id of the document it was for. */
export interface InHand {
  readonly client: number;
  readonly poison: Poison;
}

/** Reads what stands at `address`. The instance may have written anything there: it only has to lie within the memory. */
export function readInHand(memory: WebAssembly.Memory, address: number): InHand | undefined {
  const { buffer } = memory;
  if (address % 4 !== 0 || address + 20 > buffer.byteLength) return undefined;
  const [stage = 0, client = 0, , start = 0, length = 0] = new Uint32Array(buffer, address, 5);
  if (stage === 0 || start + length > buffer.byteLength) return undefined;
  return { client, poison: { stage, update: new Uint8Array(buffer, start, length).slice() } };
}
