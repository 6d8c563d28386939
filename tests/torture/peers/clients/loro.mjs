// Decides how loro-websocket takes part, with its defaults. It has no word for whether an edit is saved.

import { LoroDoc } from "loro-crdt";
import { LoroAdaptor } from "loro-adaptors/loro";
import { LoroWebsocketClient } from "loro-websocket";
import { ROOM } from "../servers/seed.mjs";

export async function join(url) {
  const doc = new LoroDoc();
  const body = doc.getText("body");
  const client = new LoroWebsocketClient({ url });
  let room = "connecting";
  // That it can fail is told by the status of the room too.
  client.join({ roomId: ROOM, crdtAdaptor: new LoroAdaptor(doc), onStatusChange: (status) => (room = status) }).catch(() => {});
  return {
    edit: (words) => {
      body.insert(body.length, words);
      doc.commit();
    },
    text: () => body.toString(),
    word: () => (client.getStatus() === "connected" ? room : client.getStatus()),
  };
}
