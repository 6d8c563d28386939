// Decides what speaks Loro's protocol: the server that comes with it. What it saves, several times a second, is what it holds.

import { LoroDoc } from "loro-crdt";
import { LoroAdaptor } from "loro-adaptors/loro";
import { LoroWebsocketClient } from "loro-websocket";
import { SimpleServer } from "loro-websocket/server";
import { WebSocket } from "ws";
import { ROOM, SEED } from "./seed.mjs";

const SAVE_INTERVAL_MS = 100;

export async function serve(port) {
  globalThis.WebSocket = WebSocket;
  const start = new LoroDoc();
  // The same in every process, as what is read from a disk is.
  start.setPeerId("1");
  start.getText("body").insert(0, SEED);
  start.commit();
  const seed = start.export({ mode: "snapshot" });
  let held = seed;
  const server = new SimpleServer({
    port,
    host: "127.0.0.1",
    saveInterval: SAVE_INTERVAL_MS,
    onLoadDocument: async () => seed,
    onSaveDocument: async (_room, _type, data) => {
      held = data;
    },
  });
  await server.start();
  return {
    text: () => textOf(held),
    append: (words) => appendAsSomebody(port, words),
  };
}

function textOf(snapshot) {
  const doc = new LoroDoc();
  doc.import(snapshot);
  return doc.getText("body").toString();
}

/** The server has no way to edit, so another client does. */
async function appendAsSomebody(port, words) {
  const doc = new LoroDoc();
  const client = new LoroWebsocketClient({ url: `ws://127.0.0.1:${port}` });
  await client.waitConnected();
  const room = await client.join({ roomId: ROOM, crdtAdaptor: new LoroAdaptor(doc) });
  await room.waitForReachingServerVersion();
  const body = doc.getText("body");
  body.insert(body.length, words);
  doc.commit();
}
