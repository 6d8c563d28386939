// Decides what the page with plain ProseMirror is: y-prosemirror as its documentation shows it, over a Y.Doc that is bound to Syncline.

import { baseKeymap } from "@tiptap/pm/commands";
import { keymap } from "@tiptap/pm/keymap";
import { Schema } from "@tiptap/pm/model";
import { EditorState } from "@tiptap/pm/state";
import { EditorView } from "@tiptap/pm/view";
import { redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from "y-prosemirror";
import { openBound } from "./bound.js";

const { doc, ydoc, awareness } = await openBound({ color: "#ee6352" });

const schema = new Schema({
  nodes: { doc: { content: "paragraph+" }, paragraph: { content: "text*", toDOM: () => ["p", 0] }, text: {} },
});
const plugins = [
  ySyncPlugin(ydoc.getXmlFragment("prosemirror")),
  yCursorPlugin(awareness),
  yUndoPlugin(),
  keymap({ "Mod-z": undo, "Mod-y": redo }),
  keymap(baseKeymap),
];
const view = new EditorView(document.body, { state: EditorState.create({ schema, plugins }) });

window.doc = doc;
window.text = () => view.state.doc.textContent;
