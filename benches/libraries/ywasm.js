// Decides how ywasm takes part: yrs behind wasm-bindgen, as npm has it, with its loading made fit for a browser.

import * as Y from "ywasm";

export const library = {
  name: "ywasm",
  init: () => Y.instantiate(new URL("./ywasm_bg.wasm", import.meta.url)),
  open: async () => replica(new Y.YDoc({})),
};

/** A document with one text, seen as all libraries are seen. */
export function replica(doc) {
  const text = doc.getText("body");
  // Whoever listens is forgotten when the garbage collector takes what the subscription returned.
  const subscriptions = [];
  const withTransaction = (edits) => {
    const transaction = doc.beginTransaction(null);
    try {
      edits(transaction);
    } finally {
      transaction.commit();
      transaction.free();
    }
  };
  return {
    doc,
    insert: (index, string) => text.insert(index, string, undefined, undefined),
    delete: (index, count) => text.delete(index, count, undefined),
    group: (edits) =>
      withTransaction((transaction) =>
        edits({
          insert: (index, string) => text.insert(index, string, undefined, transaction),
          delete: (index, count) => text.delete(index, count, transaction),
        }),
      ),
    text: () => text.toString(undefined),
    length: () => text.length(undefined),
    encode: () => Y.encodeStateAsUpdate(doc),
    apply: (update) => Y.applyUpdate(doc, update, undefined),
    applyAll: (updates) => updates.forEach((update) => Y.applyUpdate(doc, update, undefined)),
    onUpdate: (listener) => subscriptions.push(doc.onUpdate(listener)),
    // What has changed is made when it is asked for, and an editor has to ask.
    onChange: (listener) => subscriptions.push(text.observe(({ delta }) => listener(delta))),
    close: () => doc.free(),
  };
}
