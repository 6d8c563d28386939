/** The entry for editors that speak deltas and know no CRDT. It loads no wasm: it is given a text of a document. */

export { attach } from "./delta-attach.js";
export type { DeltaEditor } from "./delta-attach.js";
export { connect, serve } from "./delta-port.js";
export type { DeltaMessage, DeltaPort } from "./delta-port.js";
export { quill } from "./delta-quill.js";
export type { QuillLike } from "./delta-quill.js";
export type { Ending } from "./delta-shown.js";
