/** The entry for apps with a Y.Doc, by the bundlers that have the bundled main entry: what it loads is what the main entry loads, once. */

import type * as Y from "yjs";
import { open } from "./index.bundled.js";
import { Provider, type ProviderOptions } from "./yjs-provider.js";

export { bind } from "./yjs-bind.js";
export type { BindOptions } from "./yjs-bind.js";
export type { ConnectionClosed, Provider, ProviderEvents, ProviderOptions } from "./yjs-provider.js";

/** Connects a Y.Doc as the class of this name in y-websocket does, with Syncline's connection. */
export class WebsocketProvider extends Provider {
  constructor(serverUrl: string, roomname: string, doc: Y.Doc, options: ProviderOptions = {}) {
    super(open, serverUrl, roomname, doc, options);
  }
}
