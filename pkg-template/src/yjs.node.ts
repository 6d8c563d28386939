/** The entry for apps with a Y.Doc, in Node: what it loads is what the main entry loads, once. */

export { bind } from "./yjs-bind.js";
export type { BindOptions } from "./yjs-bind.js";
