// Decides what the page with Monaco is: y-monaco as its documentation shows it, over a Y.Doc that is bound to Syncline.

import * as monaco from "monaco-editor/esm/vs/editor/editor.api.js";
import { MonacoBinding } from "y-monaco";
import { openBound } from "./bound.js";

const { doc, ydoc, awareness } = await openBound();

const element = document.body.appendChild(document.createElement("div"));
element.style.height = "20em";
const model = monaco.editor.createModel("", "plaintext");
const editor = monaco.editor.create(element, { model });
new MonacoBinding(ydoc.getText("monaco"), model, new Set([editor]), awareness);

// y-monaco leaves it to the app to write names at the carets: each caret has a class with the id of its client.
const labels = document.body.appendChild(document.createElement("ul"));
new MutationObserver(() => {
  const carets = [...element.querySelectorAll(".yRemoteSelectionHead")];
  const ids = carets.map(({ className }) => Number(/yRemoteSelectionHead-(\d+)/.exec(className)?.[1]));
  const items = ids.map((id) => Object.assign(document.createElement("li"), { textContent: awareness.getStates().get(id)?.user.name }));
  labels.replaceChildren(...items);
}).observe(element, { subtree: true, childList: true });

window.doc = doc;
window.text = () => model.getValue();
