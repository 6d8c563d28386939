// Decides what the page with Tiptap is: its collaboration as its documentation shows it, with Syncline's provider.

import { Editor } from "@tiptap/core";
import Collaboration from "@tiptap/extension-collaboration";
import CollaborationCaret from "@tiptap/extension-collaboration-caret";
import StarterKit from "@tiptap/starter-kit";
import { WebsocketProvider } from "syncline/yjs";
import * as Y from "yjs";

const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search));

const ydoc = new Y.Doc();
const provider = new WebsocketProvider(server, room, ydoc, { maxBackoffTime: 500, syncline: { store: true } });
const editor = new Editor({
  element: document.body,
  extensions: [
    StarterKit.configure({ undoRedo: false }),
    Collaboration.configure({ document: ydoc }),
    CollaborationCaret.configure({ provider, user: { name, color: "#ee6352" } }),
  ],
});

window.text = () => editor.getText();
window.doc = await provider.opened;
