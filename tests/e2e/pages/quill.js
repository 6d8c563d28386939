// Decides what the page with Quill 2 is: the editor as its documentation shows it, on a text of Syncline, without Yjs.

import Quill from "quill";
import { open } from "syncline";
import { attach, connect, quill, serve } from "syncline/delta";

const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search));

const doc = await open(server, room, { store: true, backoffCap: 500 });
const element = document.body.appendChild(document.createElement("div"));
// Undo takes back what was written here, and leaves alone what came from others. Without delay each change is a step.
const editor = new Quill(element, { modules: { history: { userOnly: true, delay: 0 } } });

if (name === "far") {
  // As if the editor were in a frame: it is told by messages only.
  const { port1, port2 } = new MessageChannel();
  serve(doc.text("body"), overPort(port1));
  connect(overPort(port2), quill(editor));
} else {
  attach(doc.text("body"), quill(editor));
}

window.doc = doc;
window.editor = editor;
window.text = () => editor.getText();

function overPort(port) {
  port.start();
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      const onMessage = ({ data }) => listener(data);
      port.addEventListener("message", onMessage);
      return () => port.removeEventListener("message", onMessage);
    },
  };
}
