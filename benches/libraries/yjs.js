// Decides how Yjs takes part.

import * as Y from "yjs";

export const library = {
  name: "yjs",
  init: async () => {},
  open: async () => replica(new Y.Doc()),
};

/** A document with one text, seen as all libraries are seen. */
export function replica(doc) {
  const text = doc.getText("body");
  const insert = (index, string) => text.insert(index, string);
  const erase = (index, count) => text.delete(index, count);
  return {
    doc,
    insert,
    delete: erase,
    group: (edits) => doc.transact(() => edits({ insert, delete: erase })),
    text: () => text.toString(),
    length: () => text.length,
    encode: () => Y.encodeStateAsUpdate(doc),
    apply: (update) => Y.applyUpdate(doc, update),
    applyAll: (updates) => doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update))),
    onUpdate: (listener) => doc.on("update", listener),
    // What has changed is made when it is asked for, and an editor has to ask.
    onChange: (listener) => text.observe(({ delta }) => listener(delta)),
    close: () => doc.destroy(),
  };
}
