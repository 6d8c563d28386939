// Decides what the page with CodeMirror 6 is: y-codemirror.next as its documentation shows it, over a Y.Doc that is bound to Syncline.

import { EditorState } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { basicSetup, EditorView } from "codemirror";
import { open } from "syncline";
import { bind } from "syncline/yjs";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search));

const doc = await open(server, room, { store: true, backoffCap: 500 });
const ydoc = new Y.Doc();
const awareness = new Awareness(ydoc);
awareness.setLocalStateField("user", { name, color: "#ee6352", colorLight: "#ee635233" });
bind(doc, ydoc, { awareness });

const ytext = ydoc.getText("codemirror");
const state = EditorState.create({
  doc: ytext.toString(),
  extensions: [keymap.of(yUndoManagerKeymap), basicSetup, yCollab(ytext, awareness)],
});
const view = new EditorView({ state, parent: document.body });

window.doc = doc;
window.awareness = awareness;
window.text = () => view.state.doc.toString();
