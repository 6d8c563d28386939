// Decides how Automerge takes part where there is a server: with automerge-repo and its defaults.

import { Repo } from "@automerge/automerge-repo/slim";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import { editing } from "../automerge.js";

/** The names of documents are made by who makes them: `room` becomes the address of a document that the first one makes. */
export async function connect(url, room) {
  const adapter = new WebSocketClientAdapter(url);
  const repo = new Repo({ network: [adapter] });
  await adapter.whenReady();
  await repo.networkSubsystem.whenReady();
  let handle = room.startsWith("automerge:") ? await repo.find(room) : repo.create({ body: "" });
  // Its events do not say whose change it was.
  let isOurs = false;
  const change = (edits) => {
    isOurs = true;
    handle.change(edits);
    isOurs = false;
  };
  return {
    ...editing(change),
    room: handle.url,
    text: () => handle.doc().body,
    length: () => handle.doc().body.length,
    // A document that was made elsewhere is another one, and takes the place of the one that was opened.
    apply: (document) => {
      handle = repo.import(document);
    },
    onRemote: (listener) => handle.on("change", ({ doc }) => isOurs || listener(doc.body.length)),
    close: () => repo.shutdown(),
  };
}
