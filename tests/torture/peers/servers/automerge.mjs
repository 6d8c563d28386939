// Decides what speaks Automerge's protocol: a Repo of its own on `ws`, in memory, as its documentation has it.

import * as Automerge from "@automerge/automerge";
import { Repo } from "@automerge/automerge-repo";
import { NodeWSServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { once } from "node:events";
import { WebSocketServer } from "ws";
import { SEED } from "./seed.mjs";

export async function serve(port, { documentId, empty, seeded }) {
  const sockets = new WebSocketServer({ host: "127.0.0.1", port });
  await once(sockets, "listening");
  const repo = new Repo({ network: [new NodeWSServerAdapter(sockets)], sharePolicy: async () => false });
  const handle = documentId ? repo.import(Buffer.from(seeded, "base64"), { docId: documentId }) : repo.create({ body: "" });
  const state = () => Buffer.from(Automerge.save(handle.doc())).toString("base64");
  const append = (words) =>
    handle.change((document) => Automerge.splice(document, ["body"], document.body.length, 0, words));
  const text = () => handle.doc().body;
  if (documentId) return { text, append, welcome: { documentId, empty, seeded } };
  // A client that was here before has the document already, without the seed.
  const before = state();
  append(SEED);
  return { text, append, welcome: { documentId: handle.documentId, empty: before, seeded: state() } };
}
