// Decides how Syncline takes part: the built package, bundled as Vite bundles it, with the wasm in a file of its own.

import { open } from "syncline";

/** Documents that are not to be sent anywhere: the work is measured, not a connection that fails. */
const ALONE = { connect: false, tabs: false };

export const library = {
  name: "syncline",
  /** Loads the wasm. */
  init: async () => (await open("ws://127.0.0.1", "warm-up", ALONE)).close(),
  open: async () => replica(await open("ws://127.0.0.1", "bench", ALONE)),
};

/** A document with one text, seen as all libraries are seen. */
export function replica(doc) {
  const text = doc.text("body");
  const insert = (index, string) => text.insert(index, string);
  const erase = (index, count) => text.delete(index, count);
  return {
    doc,
    insert,
    delete: erase,
    // Edits of one task are one change by themselves.
    group: (edits) => edits({ insert, delete: erase }),
    text: () => text.toString(),
    length: () => text.length,
    encode: () => doc.encodeUpdate(),
    apply: (update) => doc.applyUpdate(update),
    applyAll: (updates) => updates.forEach((update) => doc.applyUpdate(update)),
    onUpdate: (listener) => doc.on("update", ({ update }) => listener(update)),
    onChange: (listener) => text.observe(listener),
    close: () => doc.close(),
  };
}
