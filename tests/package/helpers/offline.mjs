// Decides how the tests open documents that need no server: through the wasm that was built, closed after the tests of the file.

import { after } from "node:test";
import { importBuilt } from "./built.mjs";

const { open } = await importBuilt("index.node.js");

const opened = [];
after(() => Promise.all(opened.map((doc) => doc.close())));

/** Has a document closed after the tests. */
export function closeLater(doc) {
  opened.push(doc);
  return doc;
}

/** A document that never connects. */
export async function openOffline(options = {}) {
  return closeLater(await open("ws://127.0.0.1:1", "room", { connect: false, ...options }));
}

/** Resolves when what was edited in this task has been committed and told. */
export const endOfTask = () => new Promise((resolve) => setImmediate(resolve));
