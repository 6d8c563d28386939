// Decides what Automerge's client is connected to: a Repo of its own on `ws`, in memory, as its documentation has it.

import { Repo } from "@automerge/automerge-repo";
import { NodeWSServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { WebSocketServer } from "ws";

const sockets = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT) });
new Repo({ network: [new NodeWSServerAdapter(sockets)], sharePolicy: async () => false });
sockets.on("listening", () => console.log("listening"));
