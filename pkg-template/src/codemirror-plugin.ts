/** Decides when the parts of one view act: its text, its undo, the people in it. */

import { EditorState, StateEffect, StateField, type Extension } from "@codemirror/state";
import { logException, type EditorView, type PluginValue, type ViewUpdate } from "@codemirror/view";
import { isRecord } from "./check.js";
import { People, type Person, type User } from "./codemirror-people.js";
import { TextSync, type Listener } from "./codemirror-text.js";
import type { Doc } from "./doc.js";
import type { Text } from "./text.js";
import { ViewUndo } from "./codemirror-undo.js";
import type { Unsubscribe } from "./types.js";
import type { UndoManager } from "./undo.js";

/** What a view is bound to. */
export interface Binding {
  readonly doc: Doc;
  readonly text: Text;
  readonly user: User | undefined;
  /** False: none. Without one the view has its own. */
  readonly undo: UndoManager | false | undefined;
}

/** What a plugin has while its text is one: not any more once the document is closed, or the text deleted. */
interface Parts {
  readonly sync: TextSync;
  readonly people: People;
  readonly undo: ViewUndo | undefined;
  readonly stops: readonly Unsubscribe[];
}

/** Told to the view when its text is none any more. */
const ended = StateEffect.define<null>();

/** A view whose text is none any more takes no input: nobody would get it. */
export const readOnlyAtTheEnd: Extension = StateField.define<boolean>({
  create: () => false,
  update: (hasEnded, { effects }) => hasEnded || effects.some((effect) => effect.is(ended)),
  provide: (field) => EditorState.readOnly.computeN([field], (state) => (state.field(field) ? [true] : [])),
});

/** Binds one view. */
export class CollaborationPlugin implements PluginValue {
  readonly #view: EditorView;
  #parts: Parts | undefined;
  /** Whether {@link #settle} will run at the end of this task. */
  #isSettling = false;
  #isDestroyed = false;

  constructor(view: EditorView, binding: Binding) {
    this.#view = view;
    try {
      this.#parts = this.#bind(binding);
    } catch (error) {
      this.#fail(error);
    }
    this.#settleSoon();
  }

  /** The others in the text. */
  get others(): readonly Person[] {
    return this.#parts?.people.others ?? [];
  }

  update(update: ViewUpdate): void {
    this.#parts?.sync.note(update.transactions);
    this.#parts?.people.update(update);
    if (update.docChanged || update.selectionSet || update.focusChanged) this.#settleSoon();
  }

  /** To be called after an update, when the view takes another one: so may whoever hears of what is sent. */
  afterUpdate(): void {
    this.#attempt(({ sync }) => sync.send());
  }

  /** Undoes or redoes a step; returns false where there is no undo here. */
  run(what: "undo" | "redo"): boolean {
    if (!this.#parts?.undo) return false;
    this.#attempt((parts) => {
      const { sync, undo } = parts;
      const { doc: content, selection } = this.#view.state;
      if (sync.isRead) sync.settle();
      if (sync.isSettled) undo?.note(content, selection.main.anchor, selection.main.head);
      undo?.run(what);
      // Whoever runs a command may look at the view next.
      if (sync.isRead) this.#settle(parts);
    });
    return true;
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#release();
  }

  #bind({ doc, text, user, undo: asked }: Binding): Parts {
    const onNews = (): void => this.#settleSoon();
    const onWrite: Listener["onWrite"] = (...selected) => this.#parts?.undo?.note(...selected);
    const stops: Unsubscribe[] = [];
    try {
      const manager = asked === undefined ? ownUndo(doc, text) : asked || undefined;
      if (asked === undefined) stops.push(() => manager?.close());
      const undo = manager && new ViewUndo(text, manager, onNews);
      stops.push(() => undo?.destroy());
      const sync = new TextSync(this.#view, doc, text, { onNews, onWrite });
      stops.push(() => sync.destroy());
      const people = new People(this.#view, doc, text, sync, user, onNews);
      stops.push(() => people.destroy());
      stops.push(doc.on("close", () => this.#end()));
      return { sync, people, undo, stops };
    } catch (error) {
      for (const stop of stops) stop();
      throw error;
    }
  }

  #settleSoon(): void {
    if (this.#isSettling) return;
    this.#isSettling = true;
    queueMicrotask(() => {
      this.#isSettling = false;
      this.#attempt((parts) => this.#settle(parts));
    });
  }

  #settle({ sync, people, undo }: Parts): void {
    sync.settle(() => undo?.take());
    undo?.forget();
    if (sync.isSettled) people.settle();
  }

  #attempt(work: (parts: Parts) => void): void {
    if (!this.#parts) return;
    try {
      work(this.#parts);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const code = isRecord(error) ? error["code"] : undefined;
    if (code === "closed" || code === "deleted") this.#end();
    else logException(this.#view.state, error, "Syncline");
  }

  #end(): void {
    this.#release();
    queueMicrotask(() => this.#isDestroyed || this.#view.dispatch({ effects: ended.of(null) }));
  }

  #release(): void {
    const stops = this.#parts?.stops ?? [];
    this.#parts = undefined;
    for (const stop of stops) stop();
  }
}

/** An undo of this text alone. A nested text is in the scope of its root only, which is for the application to open. */
function ownUndo(doc: Doc, text: Text): UndoManager | undefined {
  try {
    return doc.undo({ scope: [text] });
  } catch (error) {
    if (isRecord(error) && error["code"] === "bad-argument") return undefined;
    throw error;
  }
}
