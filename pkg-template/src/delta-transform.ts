/** Decides what a delta becomes that was made beside another one: operational transformation as `quill-delta` does it. */

import { lengthOf } from "./text-units.js";
import type { Attributes, TextDelta } from "./types.js";

/** Which of two deltas goes first: what it inserts at the same place stands first, and its formatting stays. */
export type Order = "first" | "second";

/** `other`, for where `done` was done already. `order` is that of `done`. */
export function transform(done: readonly TextDelta[], other: readonly TextDelta[], order: Order): TextDelta[] {
  const [here, there] = [new Steps(done), new Steps(other)];
  const result: TextDelta[] = [];
  while (there.kind) {
    if (here.kind === "insert" && (order === "first" || there.kind !== "insert")) {
      push(result, { retain: here.take(here.length).length });
    } else if (there.kind === "insert") {
      push(result, there.take(there.length).step);
    } else {
      const length = Math.min(here.length, there.length);
      const [ours, theirs] = [here.take(length).step, there.take(length).step];
      if ("delete" in ours) continue;
      if (!("retain" in theirs)) push(result, theirs);
      else push(result, retain(length, remaining(attributesOf(ours), theirs.attributes, order)));
    }
  }
  return chop(result);
}

/** The delta as the others expect it: nothing empty, nothing split, an insert before a deletion at the same place. */
export function normal(delta: readonly TextDelta[]): TextDelta[] {
  const result: TextDelta[] = [];
  for (const step of delta) push(result, step);
  return chop(result);
}

/** Walks over a delta in pieces of any length; behind its end it retains. */
class Steps {
  readonly #steps: readonly TextDelta[];
  #index = 0;
  #offset = 0;

  constructor(steps: readonly TextDelta[]) {
    this.#steps = steps.filter((step) => lengthOf(step) > 0);
  }

  get kind(): "insert" | "retain" | "delete" | undefined {
    const step = this.#steps[this.#index];
    return step && ("insert" in step ? "insert" : "retain" in step ? "retain" : "delete");
  }

  /** How much is left of the step it stands on. */
  get length(): number {
    const step = this.#steps[this.#index];
    return step ? lengthOf(step) - this.#offset : Infinity;
  }

  take(length: number): { step: TextDelta; length: number } {
    const step = this.#steps[this.#index];
    if (!step) return { step: { retain: length }, length };
    const start = this.#offset;
    if (length < this.length) {
      this.#offset += length;
    } else {
      this.#index += 1;
      this.#offset = 0;
    }
    return { step: slice(step, start, length), length };
  }
}

function slice(step: TextDelta, start: number, length: number): TextDelta {
  if ("retain" in step) return retain(length, step.attributes);
  if ("delete" in step) return { delete: length };
  return typeof step.insert === "string" ? { ...step, insert: step.insert.slice(start, start + length) } : step;
}

/** What of the formatting `theirs` is left beside `ours`. */
function remaining(ours: Attributes | undefined, theirs: Attributes | undefined, order: Order): Attributes | undefined {
  if (!ours || !theirs || order === "second") return theirs;
  return Object.fromEntries(Object.entries(theirs).filter(([name]) => !Object.hasOwn(ours, name)));
}

function attributesOf(step: TextDelta): Attributes | undefined {
  return "delete" in step ? undefined : step.attributes;
}

function retain(length: number, attributes: Attributes | undefined): TextDelta {
  return attributes && Object.keys(attributes).length > 0 ? { retain: length, attributes } : { retain: length };
}

function push(delta: TextDelta[], step: TextDelta): void {
  if (lengthOf(step) === 0) return;
  const last = delta.at(-1);
  if (last && "delete" in last && "insert" in step) {
    delta.pop();
    push(delta, step);
    delta.push(last);
    return;
  }
  const joined = last && join(last, step);
  if (joined) delta[delta.length - 1] = joined;
  else delta.push(step);
}

/** Two steps as one, where they are of the same kind and formatting. */
function join(last: TextDelta, next: TextDelta): TextDelta | undefined {
  if ("delete" in last && "delete" in next) return { delete: last.delete + next.delete };
  if (JSON.stringify(attributesOf(last) ?? {}) !== JSON.stringify(attributesOf(next) ?? {})) return undefined;
  if ("retain" in last && "retain" in next) return { ...last, retain: last.retain + next.retain };
  if (!("insert" in last && "insert" in next)) return undefined;
  if (typeof last.insert !== "string" || typeof next.insert !== "string") return undefined;
  return { ...last, insert: last.insert + next.insert };
}

/** Without what changes nothing at its end. */
function chop(delta: TextDelta[]): TextDelta[] {
  const last = delta.at(-1);
  if (last && "retain" in last && !last.attributes) delta.pop();
  return delta;
}
