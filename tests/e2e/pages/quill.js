// Decides what the page with Quill 2 is: the editor as its documentation shows it, attached to a text by deltas, without Yjs.

import Quill from "quill";
import { open } from "syncline";
import { attach, quill } from "syncline/delta";

const { server, room } = Object.fromEntries(new URLSearchParams(location.search));

const doc = await open(server, room, { store: true, backoffCap: 500 });
const element = document.body.appendChild(document.createElement("div"));
// Undo takes back what was written here, and leaves alone what came from others. A delay of 0: each change is a step.
const editor = new Quill(element, { modules: { history: { userOnly: true, delay: 0 } } });
attach(doc.text("body"), quill(editor));

window.doc = doc;
window.editor = editor;
window.text = () => editor.getText();
