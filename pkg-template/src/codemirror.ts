/** Decides how a view of CodeMirror 6 is bound to a shared text. */

import { EditorState, Facet, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap, ViewPlugin, type Command, type KeyBinding } from "@codemirror/view";
import { carets } from "./codemirror-carets.js";
import { LINE_BREAK } from "./codemirror-changes.js";
import type { User } from "./codemirror-people.js";
import { CollaborationPlugin, readOnlyAtTheEnd } from "./codemirror-plugin.js";
import type { Doc } from "./doc.js";
import type { Text } from "./text.js";
import type { UndoManager } from "./undo.js";

export type { User } from "./codemirror-people.js";

/** What `collaboration` may be told. */
export interface CollaborationOptions {
  /** Who writes here, for the others to see. Default what `doc.presence` shows already; where that is nothing, nobody. */
  readonly user?: User;
  /**
   * What undoes the edits, such as one with a wider scope; `false`: nothing here. Default one of this text for each view,
   * which ends with it. A text within a map or list has none by default.
   */
  readonly undo?: UndoManager | false;
}

/** Undoes the last step of the undo manager of the view. */
export const undo: Command = (view) => run(view, "undo");

/** Redoes the last step of the undo manager of the view. */
export const redo: Command = (view) => run(view, "redo");

/** The keys of both. They are bound by `collaboration`, before any others, unless `undo` is false. */
export const undoKeymap: readonly KeyBinding[] = [
  { key: "Mod-z", run: undo, preventDefault: true },
  { key: "Mod-y", mac: "Mod-Shift-z", run: redo, preventDefault: true },
  { key: "Mod-Shift-z", run: redo, preventDefault: true },
];

/** Which plugins bind a view. */
const bound = Facet.define<ViewPlugin<CollaborationPlugin>>();

/**
 * Keeps a view of CodeMirror and `text`, one of `doc`, the same; shows the others where they are, and them where the
 * selection of the view is. The view shows the text from a moment after it was made, whatever it was made with.
 *
 * One of it is for one text in one view at a time, or for several views of that text. It is best made once: where a view
 * gets another one, its undo begins anew.
 */
export function collaboration(doc: Doc, text: Text, options: CollaborationOptions = {}): Extension {
  const { user, undo } = options;
  const plugin = ViewPlugin.define((view) => new CollaborationPlugin(view, { doc, text, user, undo }));
  return [
    plugin,
    bound.of(plugin),
    EditorView.updateListener.of(({ view }) => view.plugin(plugin)?.afterUpdate()),
    carets((view) => view.plugin(plugin)?.others ?? []),
    // With any other line break, positions in the view would not be those in the text.
    Prec.highest(EditorState.lineSeparator.of(LINE_BREAK)),
    EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, LINE_BREAK)),
    Prec.highest(readOnlyAtTheEnd),
    undo === false ? [] : Prec.high([keymap.of(undoKeymap), EditorView.domEventHandlers({ beforeinput: undoByMenu })]),
  ];
}

/** What browsers have in their menus comes as input. */
function undoByMenu({ inputType }: InputEvent, view: EditorView): boolean {
  if (inputType === "historyUndo") return undo(view);
  return inputType === "historyRedo" && redo(view);
}

function run(view: EditorView, what: "undo" | "redo"): boolean {
  if (view.state.readOnly) return false;
  return view.state.facet(bound).some((plugin) => view.plugin(plugin)?.run(what));
}
