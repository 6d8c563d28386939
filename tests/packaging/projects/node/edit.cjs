// Edits a room and leaves, from CommonJS: `node edit.cjs SERVER ROOM WORD`.

const { WebSocket } = require("ws");

async function main([server, room, word]) {
  const { open } = await import("syncline");
  const { WebsocketProvider } = await import("syncline/yjs");
  const { synced } = await import("./src/synced.mjs");
  const doc = await open(server, room, { WebSocket });
  await synced(doc);
  doc.text("body").insert(0, word);
  await doc.saved();
  console.log(process.version, typeof WebsocketProvider, doc.text("body").toString());
  await doc.close();
}

void main(process.argv.slice(2));
