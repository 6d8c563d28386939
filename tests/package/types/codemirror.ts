// What an application with CodeMirror writes. Compiled, never run.

import { EditorView, keymap } from "@codemirror/view";
import type { Doc } from "syncline";
import { collaboration, redo, undo, undoKeymap } from "syncline/codemirror";
import type { CollaborationOptions, User } from "syncline/codemirror";

export function edit(doc: Doc): EditorView {
  const user: User = { name: "Ada", color: "#7c3aed" };
  const options: CollaborationOptions = { user, undo: doc.undo({ scope: [doc.text("body")] }) };
  const view = new EditorView({ extensions: [collaboration(doc, doc.text("body"), options), keymap.of(undoKeymap)] });
  const isDone: boolean = undo(view) || redo(view);
  if (!isDone) view.destroy();
  return new EditorView({ extensions: collaboration(doc, doc.text("title")) });
}

export function wrong(doc: Doc): void {
  // @ts-expect-error the document comes first
  collaboration(doc.text("body"));
  // @ts-expect-error a map is no text
  collaboration(doc, doc.map("meta"));
  // @ts-expect-error a user has a name
  collaboration(doc, doc.text("body"), { user: { color: "#7c3aed" } });
  // @ts-expect-error there is no such option
  collaboration(doc, doc.text("body"), { username: "Ada" });
}
