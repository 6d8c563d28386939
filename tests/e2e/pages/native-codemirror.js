// Decides what the page with CodeMirror 6 is whose view is bound to a text of Syncline, as docs/codemirror.md shows it.

import { Compartment } from "@codemirror/state";
import { basicSetup, EditorView } from "codemirror";
import { open } from "syncline";
import { collaboration } from "syncline/codemirror";

const { server, room, name, steps } = Object.fromEntries(new URLSearchParams(location.search));

const doc = await open(server, room, { store: true, backoffCap: 500 });
const body = doc.text("codemirror");
// Either the steps of the view, or some that the test can tell apart.
const undo = steps === "told" ? doc.undo({ scope: [body], captureTimeout: 60_000 }) : undefined;
const user = { name, color: "#7c3aed" };
const binding = new Compartment();
const view = new EditorView({
  extensions: [basicSetup, binding.of(collaboration(doc, body, { user, ...(undo && { undo }) }))],
  parent: document.body,
});

/** Binds the view to the text of this name instead, or without one to none. */
const bindTo = (text) => {
  const extension = text === undefined ? [] : collaboration(doc, doc.text(text), { user });
  view.dispatch({ effects: binding.reconfigure(extension) });
};

Object.assign(window, { doc, body, undo, view, bindTo, text: () => view.state.doc.toString() });
