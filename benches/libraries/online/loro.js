// Decides how Loro takes part where there is a server: with loro-websocket and its defaults.

import { LoroDoc } from "loro-crdt";
import { LoroAdaptor } from "loro-adaptors/loro";
import { LoroWebsocketClient } from "loro-websocket";
import { replica } from "../loro.js";

/** Resolves when the document is in step with the server. */
export async function connect(url, room) {
  const doc = new LoroDoc();
  const client = new LoroWebsocketClient({ url });
  await client.waitConnected();
  const joined = await client.join({ roomId: room, crdtAdaptor: new LoroAdaptor(doc) });
  await joined.waitForReachingServerVersion();
  const text = doc.getText("body");
  return {
    ...replica(doc),
    room,
    onRemote: (listener) => doc.subscribe(({ by }) => by === "import" && listener(text.length)),
    close: () => client.destroy(),
  };
}
