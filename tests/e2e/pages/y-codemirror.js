// Decides what the page with CodeMirror 6 is that has nothing of Syncline: Yjs, y-websocket and y-codemirror.next.

import { EditorState } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { basicSetup, EditorView } from "codemirror";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search));

const ydoc = new Y.Doc();
const provider = new WebsocketProvider(server, room, ydoc, { disableBc: true });
provider.awareness.setLocalStateField("user", { name, color: "#ee6352", colorLight: "#ee635233" });

const ytext = ydoc.getText("codemirror");
const state = EditorState.create({
  doc: ytext.toString(),
  extensions: [keymap.of(yUndoManagerKeymap), basicSetup, yCollab(ytext, provider.awareness)],
});
const view = new EditorView({ state, parent: document.body });

Object.assign(window, { doc: ydoc, provider, view, text: () => view.state.doc.toString() });
