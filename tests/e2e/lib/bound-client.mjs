// Decides how a Y.Doc that is bound to Syncline takes part in a test, in Node: an app's Yjs code, with Syncline below it.

import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { joinWithSyncline, loadSyncline } from "./syncline-client.mjs";
import { events, until } from "./until.mjs";

/** Opens `room`, binds a Y.Doc to it, and resolves when it is synced, unless `synced` is false. */
export async function joinWithBound(server, room, { ydoc = new Y.Doc(), ...options } = {}) {
  const { bind } = await loadSyncline("./yjs");
  const inner = await joinWithSyncline(server, room, options);
  const awareness = new Awareness(ydoc);
  const client = {
    ydoc,
    awareness,
    /** The document of Syncline below. */
    inner,
    doc: inner.doc,
    body: ydoc.getText("body"),
    unbind: bind(inner.doc, ydoc, { awareness }),
    /** Reports everything that may change what a test asks about this client. */
    news: (listener) => {
      const stops = [events(ydoc, "update")(listener), events(awareness, "update")(listener), inner.doc.on("status", listener)];
      return () => stops.forEach((stop) => stop());
    },
    /** Resolves with the first truthy value of `condition`. */
    until: (condition) => until(condition, { sources: [client.news], state: () => [client.body.toString(), inner.doc.status] }),
    /** Resolves when its text is `text`. */
    shows: (text) => client.until(() => client.body.toString() === text),
    close: async () => {
      await inner.close();
      ydoc.destroy();
    },
  };
  return client;
}
