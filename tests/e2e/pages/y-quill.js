// Decides what the page with Quill 2 is: y-quill as its documentation shows it, over a Y.Doc that is bound to Syncline.

import Quill from "quill";
import QuillCursors from "quill-cursors";
import { open } from "syncline";
import { bind } from "syncline/yjs";
import { Awareness } from "y-protocols/awareness";
import { QuillBinding } from "y-quill";
import * as Y from "yjs";

const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search));

const doc = await open(server, room, { store: true, backoffCap: 500 });
const ydoc = new Y.Doc();
const awareness = new Awareness(ydoc);
awareness.setLocalStateField("user", { name, color: "#ee6352" });
bind(doc, ydoc, { awareness });

Quill.register("modules/cursors", QuillCursors);
const element = document.body.appendChild(document.createElement("div"));
// Undo takes back what was written here, and leaves alone what came from others.
const editor = new Quill(element, { modules: { cursors: true, history: { userOnly: true } } });
new QuillBinding(ydoc.getText("quill"), editor, awareness);

// Names are shown all the time, not only for a moment.
const style = document.head.appendChild(document.createElement("style"));
style.textContent = ".ql-cursor .ql-cursor-flag { opacity: 1; visibility: visible; }";

window.doc = doc;
// A document of Quill ends with a line break.
window.text = () => editor.getText().slice(0, -1);
