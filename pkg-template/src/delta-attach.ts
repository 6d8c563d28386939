/** Decides how an editor that speaks deltas and knows no CRDT shows a shared text and changes it. */

import { Concurrent } from "./delta-concurrent.js";
import { ShownText, type Ending } from "./delta-shown.js";
import { report } from "./emitter.js";
import { SynclineError } from "./errors.js";
import type { Text } from "./text.js";
import type { TextChange, TextDelta, Unsubscribe } from "./types.js";

/** An editor that speaks deltas in the format of Quill. */
export interface DeltaEditor {
  /** Shows this content, and nothing of what it was. */
  setContents(delta: TextDelta[]): void;
  /** Shows a change that somebody else has made. */
  updateContents(delta: TextDelta[]): void;
  /**
   * Has `listener` told of every change that was made here, in the task in which it is made; not of those that the two
   * methods above make. Returns what ends it.
   */
  onChange(listener: (delta: readonly TextDelta[]) => void): Unsubscribe;
  /** How long its content is, where it can tell. With it an editor that refuses content is noticed. */
  length?(): number;
  /** What its content always ends with. Default `"anything"`. */
  readonly ending?: Ending;
}

/**
 * Shows `text` in `editor` and keeps the two the same from here on, until the returned function is called. An edit that
 * the text refuses is taken back in the editor and reported as an uncaught error. An editor that does not show what it is
 * given is detached, with an uncaught error too: what is typed there would go to wrong places.
 */
export function attach(text: Text, editor: DeltaEditor): Unsubscribe {
  const attached = new Attached(text, editor);
  attached.start();
  return () => attached.end();
}

class Attached {
  readonly #text: Text;
  readonly #editor: DeltaEditor;
  readonly #shown: ShownText;
  /** What was changed in the editor and is not in the text. */
  readonly #edits = new Concurrent("second");
  readonly #stops: Unsubscribe[] = [];
  /** Until all of the text is shown, neither side hears of the other. */
  #isBehind = true;
  #isApplying = false;
  /** Whose changes the text tells at the moment. */
  #telling: "theirs" | "ours" = "theirs";
  /** How many changes of theirs it has told. */
  #told = 0;

  constructor(text: Text, editor: DeltaEditor) {
    this.#text = text;
    this.#editor = editor;
    this.#shown = new ShownText(text, editor.ending ?? "anything");
  }

  start(): void {
    this.#stops.push(
      this.#text.observe((change) => this.#handleChange(change)),
      this.#editor.onChange((delta) => this.#handleEdit(delta)),
    );
    this.#showAll();
  }

  end(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #handleEdit(delta: readonly TextDelta[]): void {
    if (this.#isBehind) return;
    this.#edits.add(delta);
    this.#applyAll();
  }

  #applyAll(): void {
    // A change that is made while another one is applied waits for its turn.
    if (this.#isApplying || this.#isBehind) return;
    this.#isApplying = true;
    try {
      while (this.#edits.unseen > 0 && this.#stops.length > 0) {
        if (!this.#catchUp()) return queueMicrotask(() => this.#applyAll());
        const edit = this.#edits.see(1);
        if (edit) this.#apply(edit);
      }
      if (this.#stops.length > 0 && !this.#isRight()) this.#showAll();
    } catch (error) {
      report(error);
      this.#showAll();
    } finally {
      this.#isApplying = false;
    }
  }

  /** Has everything told that is in the text, so that the next change is ours alone; false where that has to wait. */
  #catchUp(): boolean {
    // What is told may make observers edit: until nothing came.
    for (let round = 0, told = -1; round < MAX_ROUNDS && told !== this.#told; round += 1) {
      told = this.#told;
      if (!this.#text.commit()) return false;
    }
    return true;
  }

  /** Brings an edit into the text. */
  #apply(edit: readonly TextDelta[]): void {
    const missing = this.#shown.apply(edit);
    this.#telling = "ours";
    try {
      this.#text.commit();
    } finally {
      this.#telling = "theirs";
    }
    if (missing.length > 0) this.#show(missing);
  }

  #handleChange({ origin, delta, nested }: TextChange): void {
    if (nested) return;
    if (this.#telling === "ours" && origin === "local") {
      // What follows in the same breath was made by those who were told.
      this.#telling = "theirs";
      return;
    }
    this.#told += 1;
    if (!this.#isBehind) this.#show(this.#shown.show(delta));
  }

  /** Shows a change of the content, after what was edited meanwhile. */
  #show(delta: readonly TextDelta[]): void {
    const update = this.#edits.receive(delta);
    if (update.length === 0) return;
    try {
      this.#editor.updateContents(update);
    } catch (error) {
      report(error);
      return this.#showAll();
    }
    if (!this.#isRight()) this.#showAll();
  }

  /** Shows all of the text instead of what is shown: once everything is told, so that nothing of it is shown twice. */
  #showAll(): void {
    this.#isBehind = true;
    this.#edits.clear();
    if (this.#stops.length === 0) return;
    try {
      if (!this.#text.commit()) return queueMicrotask(() => this.#showAll());
      const told = this.#told;
      const contents = this.#shown.contents();
      this.#text.commit();
      // What observers have edited is in the content already and was told only after it was read.
      if (told !== this.#told) return queueMicrotask(() => this.#showAll());
      this.#editor.setContents(contents);
    } catch (cause) {
      return this.#giveUp(cause);
    }
    this.#isBehind = false;
    if (!this.#isRight()) this.#giveUp();
  }

  /** Whether the editor shows as much as it has to, as far as it can tell. */
  #isRight(): boolean {
    return this.#edits.unseen > 0 || this.#editor.length === undefined || this.#editor.length() === this.#shown.length;
  }

  #giveUp(cause?: unknown): void {
    this.end();
    report(new SynclineError("unsupported-content", "the editor is detached: it does not show all of the text", { cause }));
  }
}

/** How often observers may answer changes with changes before an edit is applied regardless. */
const MAX_ROUNDS = 100;
