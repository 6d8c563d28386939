// Decides what speaks Hocuspocus: its own server, in memory.

import { Server } from "@hocuspocus/server";
import * as Y from "yjs";
import { ROOM } from "./seed.mjs";
import { append, START } from "./yjs-document.mjs";

export async function serve(port) {
  const server = new Server({
    address: "127.0.0.1",
    port,
    quiet: true,
    stopOnSignals: false,
    async onLoadDocument({ document }) {
      Y.applyUpdate(document, START);
    },
  });
  await server.listen();
  return {
    text: () => server.hocuspocus.documents.get(ROOM)?.getText("body").toString() ?? "",
    append: async (words) => {
      const connection = await server.hocuspocus.openDirectConnection(ROOM);
      await connection.transact((document) => append(document, words));
    },
  };
}
