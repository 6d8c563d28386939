// Stands in for a view of CodeMirror: its state and its transactions are the real ones, and there is no DOM.

import { EditorState } from "@codemirror/state";

/** A view of `content`, bound by `bind(view, onNews)` to a text as the plugin does it, with more `extensions`. */
export class FakeView {
  #isUpdating = false;
  #isSettling = false;
  /** Every transaction so far. */
  transactions = [];

  constructor(content, bind, ...extensions) {
    const own = [EditorState.lineSeparator.of("\n"), EditorState.allowMultipleSelections.of(true)];
    this.state = EditorState.create({ doc: content, extensions: [own, extensions] });
    this.sync = bind(this, () => this.#settleSoon());
    this.#settleSoon();
  }

  get content() {
    return this.state.doc.toString();
  }

  dispatch(spec) {
    if (this.#isUpdating) throw new Error("dispatched within an update");
    this.#isUpdating = true;
    const transaction = this.state.update(spec);
    this.transactions.push(transaction);
    this.state = transaction.state;
    this.sync.note([transaction]);
    this.#isUpdating = false;
    this.sync.send();
    this.#settleSoon();
  }

  #settleSoon() {
    if (this.#isSettling) return;
    this.#isSettling = true;
    queueMicrotask(() => {
      this.#isSettling = false;
      this.sync.settle();
    });
  }
}
