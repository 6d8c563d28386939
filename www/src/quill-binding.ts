/**
 * Decides how a Quill 2 editor and a Syncline text are kept equal. Nothing here knows of the demo: copy the file and call `bindQuill`.
 *
 * Both speak the same deltas, with one difference: a Quill document always ends in a newline of its own, which the shared text does not
 * have. The editor may have inline formats only; a format of whole lines would be kept by that last newline, which nobody shares.
 *
 * While an input method composes a character, Quill's document lags behind its DOM. Changes from others are held until it is done; edits made
 * meanwhile are transformed past them, and they past the edits, so that both sides end equal.
 */

import Quill, { Delta, type Op } from "quill/core";
import type { Attributes, Text, TextDelta } from "syncline";

export interface BindOptions {
  /** The inline formats the editor knows, by their attribute name; others stay in the shared text and are not shown. */
  readonly formats: readonly string[];
  /** Told when the shared text refuses an edit (the document is closed, say); the editor then shows the shared text again. */
  readonly onRefused?: (error: unknown) => void;
}

/** Shows `text` in `quill` and keeps them equal until the returned function is called, which comes before the document is closed. */
export function bindQuill(text: Text, quill: Quill, options: BindOptions): () => void {
  const binding = new Binding(text, quill, options);
  return () => binding.end();
}

class Binding {
  readonly #text: Text;
  readonly #quill: Quill;
  readonly #formats: ReadonlySet<string>;
  readonly #onRefused: (error: unknown) => void;
  readonly #stopObserving: () => void;

  /** What others changed and the editor does not show yet. */
  #held = new Delta();
  /** What the editor changed and the text has not reported back yet. */
  #own = new Delta();
  #isDrawing = false;
  #isStale = false;
  #isChecking = false;
  #hasEnded = false;

  constructor(text: Text, quill: Quill, { formats, onRefused = (error) => reportError(error) }: BindOptions) {
    this.#text = text;
    this.#quill = quill;
    this.#formats = new Set(formats);
    this.#onRefused = onRefused;
    this.#redraw();
    this.#quill.history.clear();
    this.#stopObserving = text.observe(({ delta, origin }) => {
      if (origin === "local") this.#handleLocal(deltaFrom(delta));
      else this.#handleRemote(deltaFrom(delta));
    });
    quill.on(Quill.events.TEXT_CHANGE, this.#handleEdit);
    quill.on(Quill.events.COMPOSITION_END, this.#handleComposed);
  }

  end(): void {
    this.#hasEnded = true;
    this.#stopObserving();
    this.#quill.off(Quill.events.TEXT_CHANGE, this.#handleEdit);
    this.#quill.off(Quill.events.COMPOSITION_END, this.#handleComposed);
  }

  /** The editor changed: tell the text, which already holds what the editor does not show yet. */
  readonly #handleEdit = (change: Delta, before: Delta): void => {
    if (this.#isDrawing) return;
    const edit = withoutLastNewline(change, before);
    const shifted = this.#held.transform(edit, true);
    try {
      this.#text.applyDelta(sharedOps(shifted));
    } catch (error) {
      this.#onRefused(error);
      this.#redraw();
      return;
    }
    this.#held = edit.transform(this.#held, false);
    this.#own = this.#own.compose(shifted);
  };

  /** An edit of this page was committed: the editor's own it shows already, one by other code (an undo button, say) it does not. */
  #handleLocal(delta: Delta): void {
    const own = this.#own;
    this.#own = new Delta();
    if (own.ops.length === 0) return this.#handleRemote(delta);
    // Both edited in one task, and their changes came as one.
    this.#isStale ||= !sameOps(own, delta);
    this.#checkSoon();
  }

  #handleRemote(delta: Delta): void {
    this.#held = this.#held.compose(this.#shown(delta));
    if (!this.#quill.composition.isComposing) this.#draw();
  }

  readonly #handleComposed = (): void => {
    this.#draw();
  };

  /** Shows what was held, after taking in what was typed but not yet noticed by Quill. */
  #draw(): void {
    this.#quill.update(Quill.sources.USER);
    const delta = this.#held;
    this.#held = new Delta();
    this.#change(delta);
    this.#checkSoon();
  }

  /**
   * Makes sure that the editor shows the text, once all changes that are being delivered have arrived. The lengths
   * differ only if Quill took a change otherwise than it was meant; then the text is right.
   */
  #checkSoon(): void {
    if (this.#isChecking) return;
    this.#isChecking = true;
    queueMicrotask(() => {
      this.#isChecking = false;
      if (this.#hasEnded || this.#quill.composition.isComposing) return;
      if (this.#isStale || this.#quill.getLength() - LAST_NEWLINE !== this.#text.length) this.#redraw();
    });
  }

  /** Makes the editor equal to the text by the smallest change, which keeps the caret where it is. */
  #redraw(): void {
    this.#isStale = false;
    this.#held = new Delta();
    const wanted = this.#shown(deltaFrom(this.#text.toDelta())).insert("\n");
    this.#change(this.#quill.getContents().diff(wanted));
  }

  #change(delta: Delta): void {
    if (delta.ops.length === 0) return;
    this.#isDrawing = true;
    try {
      this.#quill.updateContents(delta, Quill.sources.API);
    } finally {
      this.#isDrawing = false;
    }
  }

  /** Returns what the editor can show of a shared delta, at the same length: every offset must mean the same on both sides. */
  #shown(delta: Delta): Delta {
    return new Delta(
      delta.ops.map((op) => {
        const attributes = this.#shownAttributes(op.attributes);
        const insert = typeof op.insert === "object" ? OBJECT_STAND_IN : op.insert?.replaceAll("\r", " ");
        return { ...op, ...(insert === undefined ? {} : { insert }), ...(attributes === undefined ? {} : { attributes }) };
      }),
    );
  }

  #shownAttributes(attributes: Op["attributes"]): Op["attributes"] {
    if (attributes === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(attributes).filter(([name, value]) => this.#formats.has(name) && (value === null || typeof value !== "object")),
    );
  }
}

/**
 * Returns what a change of a Quill document means for the text before its last newline.
 *
 * Quill computes some changes as a difference, which may take away the last newline and keep the one before it. Such a change would reach
 * beyond the end of the shared text, so it is computed anew without the last newline on both sides.
 */
function withoutLastNewline(change: Delta, before: Delta): Delta {
  const length = before.length() - LAST_NEWLINE;
  let reached = 0;
  for (const op of change.ops) {
    if (op.insert === undefined) reached += (typeof op.retain === "number" ? op.retain : 0) + (op.delete ?? 0);
  }
  return reached <= length ? change : body(before).diff(body(before.compose(change)));
}

function body(contents: Delta): Delta {
  return contents.slice(0, contents.length() - LAST_NEWLINE);
}

function deltaFrom(steps: readonly TextDelta[]): Delta {
  return new Delta(steps.map((step): Op => ({ ...step })));
}

/** Returns the operations in Syncline's stricter type: exactly one of insert, retain and delete. */
function sharedOps(delta: Delta): TextDelta[] {
  return delta.ops.map((op): TextDelta => {
    const attributes = op.attributes === undefined ? {} : { attributes: op.attributes as Attributes };
    if (typeof op.insert === "string") return { insert: op.insert, ...attributes };
    if (typeof op.retain === "number") return { retain: op.retain, ...attributes };
    if (op.delete !== undefined) return { delete: op.delete };
    throw new TypeError("an editor with inline formats only has no embeds");
  });
}

function sameOps(a: Delta, b: Delta): boolean {
  return JSON.stringify(a.ops) === JSON.stringify(b.ops);
}

const LAST_NEWLINE = 1;
/** U+FFFC, which Unicode has for a thing that cannot be shown as text; one unit long, as an embed is. */
const OBJECT_STAND_IN = "\uFFFC";
