/** Decides how the records are kept that the wasm writes of a document, and when fewer would say the same. */

/** How large a journal may become before fewer records are asked for. */
const LARGE = 1 << 16;

/** How much room there is at least. */
const SMALL = 1 << 8;

/** What the wasm has written at one time. */
export interface Part {
  /** How many there were before it, ever. */
  readonly place: number;
  readonly records: Uint8Array;
}

/**
 * The records of one document, of which only the wasm knows what they mean. They stand in one piece of memory: what is written
 * of a keystroke is smaller than what an array of its own takes.
 */
export class Journal {
  /** All parts, and room for more. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where each of them ends. */
  #ends: number[] = [];
  /** The place of the next part. */
  place = 0;
  /** How many of the parts everybody has been told of. */
  #told = 0;
  /** How many of them the events tell of that there were when the last one was added. */
  #reported = 0;
  /** How large it was when all was said in few records. */
  #checkpoint = 0;

  /** Whether it is so large, and so much larger than it was, that to say the same in few records costs little for each. */
  get isLarge(): boolean {
    return this.#length > LARGE && this.#length > 2 * this.#checkpoint;
  }

  /** Whether the events so far tell of all of it. */
  get isReported(): boolean {
    return this.#reported === this.#ends.length;
  }

  /** The records that everybody has been told of, one behind the other. */
  get toldRecords(): Uint8Array {
    return this.#bytes.slice(0, this.#startOf(this.#told));
  }

  /** The parts that everybody has been told of. */
  get told(): readonly Part[] {
    return this.#parts().slice(0, this.#told);
  }

  /** The parts behind. */
  get untold(): readonly Part[] {
    return this.#parts().slice(this.#told);
  }

  /** Adds a copy of records, of which there may be none. `isReported` is whether the events so far tell of all that was added. */
  add(records: Uint8Array, isReported: boolean): void {
    if (records.length > 0) {
      const start = this.#length;
      this.#makeRoom(start + records.length);
      this.#bytes.set(records, start);
      this.#ends.push(start + records.length);
      this.place += 1;
    }
    if (isReported) this.#reported = this.#ends.length;
  }

  /** Notes that everybody sees the events so far. */
  settle(): void {
    this.#told = this.#reported;
  }

  /** Takes away what is in a part that no instance survives. */
  leaveOut({ place }: Part): void {
    const index = place - this.#first;
    const [start, end] = [this.#startOf(index), this.#startOf(index + 1)];
    this.#bytes.copyWithin(start, end, this.#length);
    this.#ends = this.#ends.map((each) => (each >= end ? each - (end - start) : each));
  }

  /** Keeps these records in place of all others. */
  replace(records: Uint8Array): void {
    this.#bytes = records;
    this.#ends = [records.length];
    this.#told = this.#reported = 1;
    this.#checkpoint = records.length;
  }

  get #length(): number {
    return this.#startOf(this.#ends.length);
  }

  get #first(): number {
    return this.place - this.#ends.length;
  }

  #startOf(index: number): number {
    return this.#ends[index - 1] ?? 0;
  }

  #parts(): Part[] {
    return this.#ends.map((end, index) => ({
      place: this.#first + index,
      records: this.#bytes.slice(this.#startOf(index), end),
    }));
  }

  /** Of what is large a quarter at most is room: nobody knows whether more will come. */
  #makeRoom(length: number): void {
    if (length <= this.#bytes.length) return;
    const before = this.#bytes;
    this.#bytes = new Uint8Array(Math.max(SMALL, length + (length >> 2)));
    this.#bytes.set(before);
  }
}
