// Decides what the page with plain ProseMirror is: y-prosemirror as its documentation shows it, over a Y.Doc that is bound to Syncline.

import { baseKeymap } from "@tiptap/pm/commands";
import { keymap } from "@tiptap/pm/keymap";
import { Schema } from "@tiptap/pm/model";
import { EditorState } from "@tiptap/pm/state";
import { EditorView } from "@tiptap/pm/view";
import { open } from "syncline";
import { bind } from "syncline/yjs";
import { redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from "y-prosemirror";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search));

const doc = await open(server, room, { store: true, backoffCap: 500 });
const ydoc = new Y.Doc();
const awareness = new Awareness(ydoc);
awareness.setLocalStateField("user", { name, color: "#ee6352" });
bind(doc, ydoc, { awareness });

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
