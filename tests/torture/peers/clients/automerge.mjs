// Decides how automerge-repo takes part, with its defaults. The document was here before, as from a device's storage: a
// name that only the server knows could not be edited offline. It has no word for whether an edit is saved.

import * as Automerge from "@automerge/automerge";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";

export async function join(url, { documentId, empty }) {
  const repo = new Repo({ network: [new WebSocketClientAdapter(url)] });
  const handle = repo.import(Buffer.from(empty, "base64"), { docId: documentId });
  return {
    edit: (words) => handle.change((document) => Automerge.splice(document, ["body"], document.body.length, 0, words)),
    text: () => handle.doc().body,
    word: () => (repo.peers.length > 0 ? "connected" : "no peers"),
  };
}
