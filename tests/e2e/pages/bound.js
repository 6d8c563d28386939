// Decides what the pages with editor bindings of Yjs begin with: a Y.Doc that is bound to Syncline, with an awareness.

import { open } from "syncline";
import { bind } from "syncline/yjs";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

const { server, room, name } = Object.fromEntries(new URLSearchParams(location.search));

/** The document, and what an editor is bound to. `colors` are those of the own caret for others. */
export async function openBound(colors = {}) {
  const doc = await open(server, room, { store: true, backoffCap: 500 });
  const ydoc = new Y.Doc();
  const awareness = new Awareness(ydoc);
  awareness.setLocalStateField("user", { name, ...colors });
  bind(doc, ydoc, { awareness });
  return { doc, ydoc, awareness };
}
