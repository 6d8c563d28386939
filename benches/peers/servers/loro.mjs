// Decides what Loro's client is connected to: the server that comes with it, in memory.

import { SimpleServer } from "loro-websocket/server";

const server = new SimpleServer({ port: Number(process.env.PORT), host: "127.0.0.1" });
await server.start();
console.log("listening");
