/** Decides how a shared text looks to an editor whose content always ends with a newline, as that of Quill does. */

import type { Text } from "./text.js";
import { lengthOf } from "./text-units.js";
import type { TextDelta } from "./types.js";

/** What an editor's content ends with. */
export type Ending = "newline" | "anything";

/**
 * A text as an editor shows it. Where the editor must end with a newline and the text does not, the newline is only
 * shown: if everybody wrote one who opens a text, there would be as many as people.
 */
export class ShownText {
  readonly #text: Text;
  readonly #ending: Ending;
  /** The length of the text as it was last shown. */
  #length = 0;
  /** Whether the last newline is only shown. */
  #isPadded = false;

  constructor(text: Text, ending: Ending) {
    this.#text = text;
    this.#ending = ending;
  }

  /** How long the content is that is shown. */
  get length(): number {
    return this.#length + (this.#isPadded ? 1 : 0);
  }

  /** Everything that is shown. */
  contents(): TextDelta[] {
    const delta = this.#text.toDelta();
    this.#length = this.#text.length;
    this.#isPadded = this.#ending === "newline" && !endsWithNewline(delta);
    return this.#isPadded ? [...delta, { insert: "\n" }] : delta;
  }

  /** What a change of the text is to the content that is shown. */
  show(delta: readonly TextDelta[]): TextDelta[] {
    const [before, wasPadded] = [this.#length, this.#isPadded];
    this.#length += growth(delta);
    this.#isPadded = this.#ending === "newline" && !this.#endsWithNewlineAfter(delta, before, wasPadded);
    if (wasPadded === this.#isPadded) return [...delta];
    const rest = { retain: before - consumed(delta) };
    return [...delta, ...(rest.retain > 0 ? [rest] : []), this.#isPadded ? { insert: "\n" } : { delete: 1 }];
  }

  /**
   * Changes the text as the content was changed that is shown. Returns what is to be added to that content, since it no
   * longer ends as it has to.
   */
  apply(delta: readonly TextDelta[]): TextDelta[] {
    const shown = this.length + growth(delta);
    if (!this.#isPadded) {
      this.#text.applyDelta(delta);
    } else if (touches(delta, this.#length)) {
      this.#applyWithNewline(delta);
      [this.#length, this.#isPadded] = [this.#length + 1, false];
    } else {
      this.#text.applyDelta(within(delta, this.#length));
    }
    const isPadded = this.#ending === "newline" && !this.#endsWithNewlineAfter(delta, this.#length, this.#isPadded);
    // A newline in front of the one that is only shown: they are two.
    if (this.#isPadded && !isPadded) this.#text.insert(this.#text.length, "\n", {});
    this.#isPadded = isPadded;
    this.#length = this.#text.length;
    return this.length > shown ? [...(shown > 0 ? [{ retain: shown }] : []), { insert: "\n" }] : [];
  }

  /** The newline that was only shown is edited: it becomes one of the text. */
  #applyWithNewline(delta: readonly TextDelta[]): void {
    this.#text.insert(this.#length, "\n", {});
    try {
      this.#text.applyDelta(delta);
    } catch (error) {
      this.#text.delete(this.#length, 1);
      throw error;
    }
  }

  /** Reads the text only where the delta does not tell. */
  #endsWithNewlineAfter(delta: readonly TextDelta[], before: number, wasPadded: boolean): boolean {
    if (consumed(delta) < before) return !wasPadded;
    const last = delta.filter((step) => !("delete" in step)).at(-1);
    if (last && "insert" in last) return typeof last.insert === "string" && last.insert.endsWith("\n");
    return endsWithNewline(this.#text.toDelta());
  }
}

function endsWithNewline(delta: readonly TextDelta[]): boolean {
  const last = delta.at(-1);
  return last !== undefined && "insert" in last && typeof last.insert === "string" && last.insert.endsWith("\n");
}

/** How much longer it makes the content. */
export function growth(delta: readonly TextDelta[]): number {
  return delta.reduce((sum, step) => ("insert" in step ? sum + lengthOf(step) : "delete" in step ? sum - step.delete : sum), 0);
}

/** How much of the content from before it speaks of. */
function consumed(delta: readonly TextDelta[]): number {
  return delta.reduce((sum, step) => ("insert" in step ? sum : sum + lengthOf(step)), 0);
}

/** Whether it does anything to what follows on `end`, or behind that. */
function touches(delta: readonly TextDelta[], end: number): boolean {
  let at = 0;
  return delta.some((step) => {
    const start = at;
    if (!("insert" in step)) at += lengthOf(step);
    return "insert" in step ? start > end : at > end && !("retain" in step && !step.attributes);
  });
}

/** The delta without the steps over what follows on `end`. */
function within(delta: readonly TextDelta[], end: number): TextDelta[] {
  let at = 0;
  return delta.flatMap((step): TextDelta[] => {
    const start = at;
    if (!("insert" in step)) at += lengthOf(step);
    if (!("retain" in step) || at <= end) return [step];
    return end > start ? [{ retain: end - start }] : [];
  });
}
