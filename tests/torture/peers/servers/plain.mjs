// Decides what a plain WebSocket is connected to: a server that greets, and passes every message on to all who are here.

import { once } from "node:events";
import { WebSocketServer } from "ws";
import { SEED } from "./seed.mjs";

export async function serve(port) {
  const sockets = new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate: false });
  await once(sockets, "listening");
  let text = "";
  const tellAll = (words) => {
    text += words;
    for (const socket of sockets.clients) socket.send(Buffer.from(words));
  };
  sockets.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data) => tellAll(String(data)));
    socket.send(Buffer.from(SEED));
  });
  return { text: () => text, append: tellAll };
}
