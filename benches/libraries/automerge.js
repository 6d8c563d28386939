// Decides how Automerge takes part. Its documents are values: each change makes the next one.

import * as A from "@automerge/automerge/slim";

export const library = {
  name: "automerge",
  init: () => A.initializeWasm(fetch(new URL("./automerge.wasm", import.meta.url))),
  // The text is made by a change that all replicas share, so that they edit the same one.
  load: (bytes) => replica(A.load(bytes)),
  open: async () => replica(A.applyChanges(A.init(), [founding()])[0]),
};

let foundation;

/** The change that makes the text. */
function founding() {
  foundation ??= A.getLastLocalChange(A.change(A.init({ actor: "00" }), { time: 0 }, (draft) => (draft.body = "")));
  return foundation;
}

/** A document with one text, seen as all libraries are seen. */
function replica(start) {
  let doc = start;
  const listeners = [];
  const observers = [];
  const tell = () => observers.forEach((observer) => observer());
  const change = (edits) => {
    doc = A.change(doc, edits);
    for (const listener of listeners) listener(A.getLastLocalChange(doc));
    tell();
  };
  return {
    ...editing(change),
    text: () => doc.body,
    length: () => doc.body.length,
    encode: () => A.save(doc),
    apply: (update) => {
      doc = A.loadIncremental(doc, update);
      tell();
    },
    applyAll: (updates) => {
      [doc] = A.applyChanges(doc, updates);
      tell();
    },
    onUpdate: (listener) => listeners.push(listener),
    onChange: (observer) => observers.push(observer),
    close: () => A.free(doc),
  };
}

/** What edits the text of a document that `change` changes. */
export function editing(change) {
  const group = (edits) =>
    change((draft) =>
      edits({
        insert: (index, string) => A.splice(draft, ["body"], index, 0, string),
        delete: (index, count) => A.splice(draft, ["body"], index, count),
      }),
    );
  return {
    insert: (index, string) => group((text) => text.insert(index, string)),
    delete: (index, count) => group((text) => text.delete(index, count)),
    group,
  };
}
