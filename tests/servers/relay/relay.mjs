// Decides what a relay is that knows nothing of documents, as every tutorial on `ws` has it: what one client sends goes to
// all others, or with the argument "all" to everybody. There are no rooms.

import { WebSocket, WebSocketServer } from "ws";

const echoes = process.argv[2] === "all";
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT) });

server.on("connection", (socket) => {
  socket.on("error", console.error);
  socket.on("message", (data, isBinary) => {
    for (const client of server.clients) {
      if ((echoes || client !== socket) && client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
    }
  });
});

server.on("listening", () => console.log("listening"));
