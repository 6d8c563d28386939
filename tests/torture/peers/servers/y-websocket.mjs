// Decides what speaks y-websocket: the connection handler of `@y/websocket-server`, in memory; it answers y-sweet's markers too.

import { once } from "node:events";
import { getYDoc, setupWSConnection } from "@y/websocket-server/utils";
import { WebSocketServer } from "ws";
import * as Y from "yjs";
import { ROOM } from "./seed.mjs";
import { append, START } from "./yjs-document.mjs";

/** What y-sweet's client asks with and its server sends back as it came. */
const MARKER = 102;

export async function serve(port) {
  const sockets = new WebSocketServer({ port, host: "127.0.0.1", perMessageDeflate: false });
  await once(sockets, "listening");
  Y.applyUpdate(getYDoc(ROOM), START);
  sockets.on("connection", (socket, request) => {
    socket.on("error", () => {});
    socket.on("message", (data) => new Uint8Array(data)[0] === MARKER && socket.send(data));
    setupWSConnection(socket, request, { docName: ROOM });
  });
  return {
    text: () => getYDoc(ROOM).getText("body").toString(),
    append: (words) => append(getYDoc(ROOM), words),
  };
}
