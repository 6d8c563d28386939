// Decides what the servers of Yjs hold at their start: the same elements each time.

import * as Y from "yjs";
import { SEED } from "./seed.mjs";

const start = new Y.Doc();
// The same in every process, as what is read from a disk is.
start.clientID = 1;
start.getText("body").insert(0, SEED);

/** The state that every server begins with. */
export const START = Y.encodeStateAsUpdate(start);

/** Appends to the text as somebody else would. */
export function append(document, words) {
  const body = document.getText("body");
  body.insert(body.length, words);
}
