// Decides how Loro takes part, with the entry that streams its wasm.

import init, { LoroDoc } from "loro-crdt";

export const library = {
  name: "loro",
  init: () => init({ module_or_path: new URL("./loro_wasm_bg.wasm", import.meta.url) }),
  open: async () => replica(new LoroDoc()),
};

/** A document with one text, seen as all libraries are seen. Its edits are told of once they are committed. */
export function replica(doc) {
  const text = doc.getText("body");
  const insert = (index, string) => text.insert(index, string);
  const erase = (index, count) => text.delete(index, count);
  const committed = (edit) => (...args) => {
    edit(...args);
    doc.commit();
  };
  return {
    doc,
    insert: committed(insert),
    delete: committed(erase),
    group: committed((edits) => edits({ insert, delete: erase })),
    text: () => text.toString(),
    length: () => text.length,
    encode: () => doc.export({ mode: "snapshot" }),
    apply: (update) => doc.import(update),
    applyAll: (updates) => doc.importBatch(updates),
    onUpdate: (listener) => doc.subscribeLocalUpdates(listener),
    onChange: (listener) => doc.subscribe(listener),
    close: () => doc.free(),
  };
}
