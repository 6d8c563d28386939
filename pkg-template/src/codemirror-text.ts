/** Decides how a view of CodeMirror and a shared text become the same again, whichever of them was changed. */

import {
  Annotation,
  ChangeSet,
  Transaction,
  type EditorSelection,
  type EditorState,
  type SelectionRange,
  type Text as Content,
  type TransactionSpec,
} from "@codemirror/state";
import { changesOf, difference, endsInHalf, isSame, joined, wellFormed, write } from "./codemirror-changes.js";
import type { Doc } from "./doc.js";
import type { Text } from "./text.js";
import { contentOf } from "./text-units.js";
import type { TextChange, Unsubscribe } from "./types.js";

/** The part of an EditorView that is needed here. */
export interface View {
  readonly state: EditorState;
  dispatch(spec: TransactionSpec): void;
}

/** What is told by a {@link TextSync}. */
export interface Listener {
  /** The text has changed: it is to be settled. */
  onNews(): void;
  /** An edit of the view is about to be written to a text that holds `content`. Both positions in it were selected before. */
  onWrite(content: Content, anchor: number, head: number): void;
}

/** Marks the transactions by which a view is shown what it had not; the value is who has made it. */
export const shownBy = Annotation.define<unknown>();

/**
 * What is known of the text. Everything in it starts from what view and text had in common last.
 *
 * - `unread`: nothing, so it has to be read as a whole: at the start, and where changes came in a way that tells no order;
 * - `read`: what it holds, and what the view is not shown of that;
 * - `echo`: the same, and what the view has `sent`: a change of the text that is still to be told, and is no news then.
 */
type Sight =
  | { readonly phase: "unread" }
  | { readonly phase: "read"; readonly content: Content; readonly unshown: ChangeSet }
  | { readonly phase: "echo"; readonly content: Content; readonly unshown: ChangeSet; readonly sent: ChangeSet };

/** What was changed in a view, which starts from what both had in common last. */
interface Unsent {
  readonly changes: ChangeSet;
  /** What was selected before. */
  readonly selected: SelectionRange;
  /** Whose doing it is: the user's comes in a task of its own, a program's may come at any time. */
  readonly by: "user" | "program";
}

/**
 * Keeps one view and one text the same.
 *
 * What is changed in the view is written at the end of its update. What is changed in the text is shown in a microtask:
 * news may come while the view updates, when it takes none, and what else comes in the task is shown with it. Until then
 * both sides may have changed, and each change is mapped over those of the other side.
 */
export class TextSync {
  readonly #view: View;
  readonly #doc: Doc;
  readonly #text: Text;
  readonly #stop: Unsubscribe;
  readonly #hears: Listener;
  /** The view as it was when the text was told of everything in it. */
  #common: Content;
  /** What was changed in the view since. */
  #unsent: Unsent | undefined;
  #sight: Sight = { phase: "unread" };

  /** Throws where the document is closed, or the text deleted. */
  constructor(view: View, doc: Doc, text: Text, hears: Listener) {
    this.#view = view;
    this.#doc = doc;
    this.#text = text;
    this.#hears = hears;
    this.#common = view.state.doc;
    this.#stop = text.observe((change) => {
      this.#sight = heard(this.#sight, change);
      hears.onNews();
    });
  }

  /** Whether what the text holds is known, so that news of it can be shown at any time. */
  get isRead(): boolean {
    return this.#sight.phase === "read";
  }

  /** Whether positions in the view are positions in the text. */
  get isSettled(): boolean {
    return this.#sight.phase === "read" && this.#sight.unshown.empty && !this.#unsent;
  }

  /** Notes what has happened in the view. */
  note(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) {
      if (transaction.annotation(shownBy) === this) this.#noteShown(transaction.newDoc);
      else if (transaction.docChanged) this.#noteEdit(transaction);
    }
  }

  /**
   * Writes to the text what was changed in the view. It stays for {@link settle} where the text has changes that are not
   * told yet: in a transaction of the application, and among its observers.
   *
   * So does half of a surrogate pair, where the user has typed just that: some browsers hand over the two one by one.
   *
   * Throws what the text throws; what was refused is undone in the view by the next {@link settle}.
   */
  send(): void {
    if (!this.#unsent || this.#sight.phase === "unread") return;
    if (this.#isHalfTyped && this.#sight.unshown.empty) return;
    try {
      // At its start all that was changed before is told.
      this.#doc.transact(() => this.#write());
    } catch (error) {
      this.#common = this.#unsent?.changes.apply(this.#common) ?? this.#common;
      this.#unsent = undefined;
      this.#sight = { phase: "unread" };
      throw error;
    }
  }

  /**
   * Makes both sides the same; to be called when nothing else is going on. `selection` is asked for what to select, once
   * positions are those in the text.
   */
  settle(selection?: () => EditorSelection | undefined): void {
    // What is pending is told first.
    this.#doc.transact(() => {});
    if (this.#sight.phase !== "read") this.#read();
    try {
      this.send();
    } finally {
      // Where it was refused.
      if (this.#sight.phase === "unread") this.#read();
      this.#show(selection);
    }
  }

  destroy(): void {
    this.#stop();
  }

  get #isHalfTyped(): boolean {
    const { doc: content, selection } = this.#view.state;
    return this.#unsent?.by === "user" && endsInHalf(content, selection.main.head);
  }

  #show(selection: (() => EditorSelection | undefined) | undefined): void {
    if (this.#unsent) return;
    const wanted = selection?.();
    const sight = this.#sight;
    if (sight.phase === "unread") return;
    const selected = wanted && wanted.main.to <= sight.content.length ? wanted : undefined;
    if (sight.unshown.empty && !selected) return;
    this.#view.dispatch({
      changes: sight.unshown,
      annotations: [shownBy.of(this), Transaction.addToHistory.of(false), Transaction.remote.of(true)],
      // What others have written is not for a filter to change.
      filter: false,
      ...(selected && { selection: selected, scrollIntoView: true }),
    });
  }

  #noteShown(content: Content): void {
    this.#common = content;
    if (this.#sight.phase === "unread") return;
    this.#sight = { ...this.#sight, content, unshown: ChangeSet.empty(content.length) };
  }

  #noteEdit(transaction: Transaction): void {
    const before = this.#unsent;
    const isTyped = transaction.annotation(Transaction.userEvent) !== undefined && before?.by !== "program";
    this.#unsent = {
      changes: before?.changes.compose(transaction.changes) ?? transaction.changes,
      selected: before?.selected ?? transaction.startState.selection.main,
      by: isTyped ? "user" : "program",
    };
  }

  #read(): void {
    this.#sight = { phase: "unread" };
    // Told while nobody listens, so that it is not told again.
    this.#doc.transact(() => {});
    const unshown = difference(this.#common.toString(), contentOf(this.#text));
    this.#sight = { phase: "read", content: unshown.apply(this.#common), unshown };
  }

  #write(): void {
    const [sight, unsent] = [this.#sight, this.#unsent];
    if (sight.phase === "unread" || !unsent || !this.#holds(sight.content, unsent)) return;
    const { changes, selected: { anchor, head } } = unsent;
    this.#hears.onWrite(sight.content, sight.unshown.mapPos(anchor, 1), sight.unshown.mapPos(head, 1));
    const asMade = changes.map(sight.unshown);
    const written = wellFormed(asMade, sight.content);
    write(written, this.#text);

    const common = changes.apply(this.#common);
    let unshown = sight.unshown.map(changes, true);
    if (written !== asMade) unshown = joined(unshown.compose(asMade.invert(sight.content)).compose(written));
    const content = unshown.empty ? common : written.apply(sight.content);
    const sent = sight.phase === "echo" ? sight.sent.compose(written) : written;
    this.#common = common;
    this.#unsent = undefined;
    this.#sight = { phase: "echo", content, unshown, sent };
  }

  /**
   * Whether the text has no changes that are not told. What a user does comes when all is told, or at most within a
   * transaction of the application; a program may dispatch anywhere, and is not the one that must be fast.
   */
  #holds(content: Content, { by }: Unsent): boolean {
    if (this.#text.length !== content.length) return false;
    return by === "user" || contentOf(this.#text) === content.toString();
  }
}

/** What is known of the text after it told a change. */
function heard(sight: Sight, { delta }: TextChange): Sight {
  if (sight.phase === "unread") return sight;
  const { content, unshown } = sight;
  try {
    if (sight.phase === "read") {
      const changes = changesOf(delta, content.length);
      return { phase: "read", content: changes.apply(content), unshown: unshown.compose(changes) };
    }
    // Only something nested has changed.
    if (delta.length === 0) return sight;
    return isSame(changesOf(delta, sight.sent.length), sight.sent) ? { phase: "read", content, unshown } : { phase: "unread" };
  } catch {
    // The change is not one of what the text held.
    return { phase: "unread" };
  }
}
