// Edits a room and leaves: `node edit.mjs SERVER ROOM WORD`.

import { open } from "syncline";
import { WebsocketProvider } from "syncline/yjs";
import { WebSocket } from "ws";
import { synced } from "./src/synced.mjs";

const [server, room, word] = process.argv.slice(2);
const doc = await open(server, room, { WebSocket });
await synced(doc);
doc.text("body").insert(0, word);
await doc.saved();
console.log(process.version, typeof WebsocketProvider, doc.text("body").toString());
await doc.close();
