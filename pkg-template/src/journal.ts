/** Decides what is kept of the records that the wasm writes of a document, and when fewer would say the same. */

/** How large a journal may become before fewer records are asked for. */
const LARGE = 1 << 16;

/** The records of one document. Only the wasm knows what they mean. */
export class Journal {
  #parts: Uint8Array[] = [];
  /** The place of the next part. */
  place = 0;
  /** How many of the parts everybody has been told of. */
  #told = 0;
  /** How many of them the events tell of that there were when the last one was added. */
  #reported = 0;
  #bytes = 0;
  /** How large it was when all was said in few records. */
  #checkpoint = 0;

  /** Whether it is so large, and so much larger than it was, that to say the same in few records costs little for each. */
  get isLarge(): boolean {
    return this.#bytes > LARGE && this.#bytes > 2 * this.#checkpoint;
  }

  /** Whether the events so far tell of all of it. */
  get isReported(): boolean {
    return this.#reported === this.#parts.length;
  }

  /** The parts that everybody has been told of. */
  get told(): readonly Uint8Array[] {
    return this.#parts.slice(0, this.#told);
  }

  /** The parts behind, each with its place in all that was ever added. */
  get untold(): readonly (readonly [place: number, part: Uint8Array])[] {
    const first = this.place - this.#parts.length;
    return this.#parts.map((part, index) => [first + index, part] as const).slice(this.#told);
  }

  /** Adds records, of which there may be none. `isReported` is whether the events so far tell of all that was added. */
  add(records: Uint8Array, isReported: boolean): void {
    if (records.length > 0) {
      this.#parts.push(records);
      this.place += 1;
    }
    this.#bytes += records.length;
    if (isReported) this.#reported = this.#parts.length;
  }

  /** Notes that everybody sees the events so far. */
  settle(): void {
    this.#told = this.#reported;
  }

  /** Takes away a part that no instance survives. */
  leaveOut(part: Uint8Array): void {
    const index = this.#parts.indexOf(part);
    if (index < 0) return;
    this.#parts.splice(index, 1);
    this.#bytes -= part.length;
    if (index < this.#told) this.#told -= 1;
    if (index < this.#reported) this.#reported -= 1;
  }

  /** Keeps these records in place of all others. */
  replace(records: Uint8Array): void {
    this.#parts = [records];
    this.#told = this.#reported = 1;
    this.#bytes = this.#checkpoint = records.length;
  }
}

/** Parts as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
