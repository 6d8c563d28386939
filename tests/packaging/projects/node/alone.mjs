// Opens a document where there is no WebSocket and none is passed.

import { open } from "syncline";

delete globalThis.WebSocket;
await open("ws://127.0.0.1:1", "room").catch(({ code, message }) => console.log(`${code}: ${message}`));
