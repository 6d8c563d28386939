/** Decides when what a form element shows becomes an edit of its text, and when a change of the text is shown. */

import { report } from "./emitter.js";
import { SynclineError } from "./errors.js";
import { applied, editBetween, placeAfter, rangesAfter, type Edit, type Range } from "./input-edit.js";
import { contentPlace, shownPlace, toShown, type LineBreak } from "./input-lines.js";
import { UndoRouter, type UndoSteps } from "./input-undo.js";
import type { Text } from "./text.js";
import { contentOf, withoutHalves } from "./text-units.js";
import type { TextChange, TextDelta, Unsubscribe } from "./types.js";

export type { UndoSteps } from "./input-undo.js";

/** What `bindInput` may be told beside the text and the element. */
export interface InputOptions {
  /**
   * What undoes and redoes, by the keys and menus that people know, in place of what the browser has: that knows nothing
   * of the edits of others. A `doc.undo({ scope: [text] })`. Default none: the browser's own.
   */
  readonly undo?: UndoSteps;
}

/** What a text is ahead of what its element shows: by what it has become what. */
interface Ahead {
  readonly deltas: readonly (readonly TextDelta[])[];
  readonly content: string;
}

/** Whether the element shows the text, or must not be touched because an input method composes in it. */
type State = { readonly phase: "level" } | { readonly phase: "composing"; readonly ahead?: Ahead } | { readonly phase: "ended" };

/** The elements that are bound: one cannot show two texts. */
const bound = new WeakSet<Element>();

/** An element that is bound to a text. */
export class InputBinding {
  readonly #text: Text;
  readonly #element: HTMLTextAreaElement | HTMLInputElement;
  readonly #lineBreak: LineBreak;
  readonly #undo: UndoRouter | undefined;
  readonly #stops: Unsubscribe[] = [];
  #state: State = { phase: "level" };
  /** What the element shows, as it is in the text; an embed is one character. */
  #content: string;
  /** What the element had as its value when it was last in step: what it has beyond that is an edit. */
  #shown = "";
  #reset: ReturnType<typeof setTimeout> | undefined;

  constructor(text: Text, element: HTMLTextAreaElement | HTMLInputElement, lineBreak: LineBreak, { undo }: InputOptions) {
    this.#text = text;
    this.#element = element;
    this.#lineBreak = lineBreak;
    if (bound.has(element)) throw new SynclineError("bad-argument", "the element is bound to a text already");
    this.#content = contentOf(text);
    if (undo) {
      const place = { read: () => this.#selection(), restore: (range: Range) => this.#select(range) };
      this.#undo = new UndoRouter(undo, text, element, place);
      this.#stops.push(() => this.#undo?.end());
    }
    this.#stops.push(text.observe((change) => this.#attempt(() => this.#handleChange(change))));
    bound.add(element);
    this.#stops.push(() => bound.delete(element));
    this.#listen(element, "input", (event) => this.#handleInput(event as InputEvent));
    this.#listen(element, "change", () => this.#handleInput());
    this.#listen(element, "compositionstart", () => this.#handleComposition());
    this.#listen(element, "compositionend", () => this.#settle());
    // It is told before the form is reset, to whoever listens above: the form of an element may be another one later.
    this.#listen(element.ownerDocument, "reset", (event) => this.#handleReset(event));
    this.#show(this.#content);
  }

  /** Ends the binding, and does nothing where it has ended. */
  end(): void {
    this.#state = { phase: "ended" };
    clearTimeout(this.#reset);
    for (const stop of this.#stops.splice(0)) stop();
  }

  #listen(target: EventTarget, name: string, handle: (event: Event) => void): void {
    const listener = (event: Event): void => this.#attempt(() => handle(event));
    target.addEventListener(name, listener);
    this.#stops.push(() => target.removeEventListener(name, listener));
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      // The document was closed, or the text deleted: what follows has nowhere to go either.
      this.end();
      report(error);
    }
  }

  #handleInput(event?: InputEvent): void {
    // An input method that was interrupted need not say so.
    if (this.#state.phase === "composing" && !event?.isComposing) return this.#settle();
    if (this.#state.phase === "composing" && this.#state.ahead) return;
    this.#take();
  }

  #handleComposition(): void {
    if (this.#state.phase === "level") this.#state = { phase: "composing" };
  }

  #handleReset(event: Event): void {
    if (event.target !== this.#element.form) return;
    clearTimeout(this.#reset);
    this.#reset = setTimeout(() => this.#attempt(() => this.#settle()));
  }

  #handleChange({ delta }: TextChange): void {
    const ahead = this.#aheadBy(delta);
    if (!ahead) return;
    if (this.#state.phase === "composing") this.#state = { phase: "composing", ahead };
    // The value may have been set by a program, which nobody is told.
    else if (this.#element.value !== this.#shown) this.#take(ahead);
    else this.#follow(ahead);
  }

  /** Brings element and text in step again, where either may have more than the other. */
  #settle(): void {
    if (this.#state.phase === "ended") return;
    const { ahead } = this.#state.phase === "composing" ? this.#state : {};
    this.#state = { phase: "level" };
    if (this.#element.value !== this.#shown) this.#take(ahead);
    else if (ahead) this.#follow(ahead);
  }

  /** By what the text is ahead of the element, if it is; `delta` may have made the last of it. */
  #aheadBy(delta: readonly TextDelta[] = [], ahead = this.#state.phase === "composing" ? this.#state.ahead : undefined): Ahead | undefined {
    const content = contentOf(this.#text);
    const known = ahead?.content ?? this.#content;
    if (content === known) return ahead;
    // Edits of one task are one change: where ours is among them, it says more than what is new here.
    const step = applied(delta, known) === content ? delta : deltaBetween(known, content);
    return { deltas: [...(ahead?.deltas ?? []), step], content };
  }

  /** Shows what the text has beyond the element, with the selection where it was. */
  #follow({ deltas, content }: Ahead): void {
    const [from, to] = this.#selection();
    const isCaret = from === to;
    const start = deltas.reduce((place, delta) => placeAfter(delta, place, isCaret ? "before" : "after"), from);
    const end = deltas.reduce((place, delta) => placeAfter(delta, place, "before"), to);
    this.#show(content, [Math.min(start, end), end]);
  }

  /** Makes an edit of what the element has beyond what it was given, in a text that may be ahead of it. */
  #take(known?: Ahead): void {
    const { value, selectionEnd } = this.#element;
    const edit = editBetween(this.#shown, value, selectionEnd ?? undefined);
    if (!edit) return;
    // What was done to the text in this task is told at its end.
    const place = this.#edit(edit, this.#aheadBy([], known)?.deltas ?? []);
    this.#content = contentOf(this.#text);
    this.#shown = value;
    if (this.#state.phase === "composing" || toShown(this.#content, this.#lineBreak) === value) return;
    const typed = Math.min(Math.max((selectionEnd ?? 0) - edit.start, 0), edit.inserted.length);
    this.#show(this.#content, [place + typed, place + typed]);
  }

  /** Makes the edit in the text; returns where. */
  #edit({ start, end, inserted }: Edit, deltas: Ahead["deltas"]): number {
    const range: Range = [contentPlace(this.#content, start), contentPlace(this.#content, end)];
    const place = deltas.reduce((at, delta) => placeAfter(delta, at, "before"), range[0]);
    const ranges = deltas.reduce((left, delta) => rangesAfter(delta, left), [range]);
    if (deltas.length === 0) this.#undo?.handleEdit(range);
    // From the end on, so that what comes first stays where it is.
    for (const [from, to] of [...ranges].reverse()) if (from < to) this.#text.delete(from, to - from);
    const isBehindReturn = inserted.startsWith("\n") && this.#content[range[0] - 1] === "\r";
    // A line break behind a lone "\r" would become one with it.
    const string = withoutHalves(isBehindReturn ? `\r${inserted.slice(1)}` : inserted);
    if (string !== "") this.#text.insert(place, string);
    return place;
  }

  /** Has the element show `content`, selected as `range` says where it has the focus. */
  #show(content: string, range?: Range): void {
    const { value, selectionDirection } = this.#element;
    this.#content = content;
    const edit = editBetween(value, toShown(content, this.#lineBreak));
    // Unlike a new value, and in Firefox unlike a selection that is set, this leaves it scrolled as it was.
    if (edit) this.#element.setRangeText(edit.inserted, edit.start, edit.end, "preserve");
    // As it came out: a browser may allow less than it was given.
    this.#shown = this.#element.value;
    if (range) this.#select(range, selectionDirection);
  }

  /** What is selected, as places in the text. */
  #selection(): Range {
    const { selectionStart, selectionEnd } = this.#element;
    return [contentPlace(this.#content, selectionStart ?? 0), contentPlace(this.#content, selectionEnd ?? 0)];
  }

  #select([from, to]: Range, direction: Direction | null = "none"): void {
    const element = this.#element;
    const [start, end] = [shownPlace(this.#content, from), shownPlace(this.#content, to)];
    const isSelected = element.selectionStart === start && element.selectionEnd === end;
    if (isSelected && (start === end || element.selectionDirection === direction)) return;
    // Some browsers give the focus to what is selected.
    const root = element.getRootNode() as Document | ShadowRoot;
    if (root.activeElement === element) element.setSelectionRange(start, end, direction ?? "none");
  }
}

type Direction = HTMLTextAreaElement["selectionDirection"];

function deltaBetween(before: string, after: string): TextDelta[] {
  const edit = editBetween(before, after);
  return edit ? [{ retain: edit.start }, { insert: edit.inserted }, { delete: edit.end - edit.start }] : [];
}
