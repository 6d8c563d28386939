// Decides what the page with Quill 2 is: y-quill as its documentation shows it, over a Y.Doc that is bound to Syncline.

import Quill from "quill";
import QuillCursors from "quill-cursors";
import { QuillBinding } from "y-quill";
import { openBound } from "./bound.js";

const { doc, ydoc, awareness } = await openBound({ color: "#ee6352" });

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
