// Decides what the page with CodeMirror 6 is: y-codemirror.next as its documentation shows it, over a Y.Doc that is bound to Syncline.

import { EditorState } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { basicSetup, EditorView } from "codemirror";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { openBound } from "./bound.js";

const { doc, ydoc, awareness } = await openBound({ color: "#ee6352", colorLight: "#ee635233" });

const ytext = ydoc.getText("codemirror");
const state = EditorState.create({
  doc: ytext.toString(),
  extensions: [keymap.of(yUndoManagerKeymap), basicSetup, yCollab(ytext, awareness)],
});
const view = new EditorView({ state, parent: document.body });

window.doc = doc;
window.awareness = awareness;
window.text = () => view.state.doc.toString();
