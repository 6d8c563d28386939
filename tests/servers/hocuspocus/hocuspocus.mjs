// Decides what a Hocuspocus server is in the tests: a process that can be killed, with its documents as files in $FOLDER.
//
// The token decides what somebody may do: "reader" may only read, "bad" and "expired" may nothing. Documents whose name
// begins with "unsteady" cannot be loaded twice before they can.

import { Server } from "@hocuspocus/server";
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { applyUpdate, encodeStateAsUpdate } from "yjs";

const REFUSED = { bad: "no such token", expired: "the token has expired" };

const fileOf = (documentName) => path.join(process.env.FOLDER, `${encodeURIComponent(documentName)}.ydoc`);

let failures = 0;

const server = new Server({
  address: "127.0.0.1",
  port: Number(process.env.PORT),
  quiet: true,
  async onAuthenticate({ token, connectionConfig }) {
    // Hocuspocus prints the message of an error, so there is none.
    if (token in REFUSED) throw Object.assign(new Error(), { reason: REFUSED[token] });
    connectionConfig.readOnly = token === "reader";
  },
  async onLoadDocument({ documentName, document }) {
    if (documentName.startsWith("unsteady") && failures++ < 2) throw Object.assign(new Error(), { reason: "the storage is away" });
    const file = fileOf(documentName);
    if (existsSync(file)) applyUpdate(document, await readFile(file));
  },
  async onStoreDocument({ documentName, document }) {
    const file = fileOf(documentName);
    await writeFile(`${file}.new`, encodeStateAsUpdate(document));
    // Whole or not at all: the server may be killed while it writes.
    await rename(`${file}.new`, file);
  },
});

await server.listen();
console.log("listening");
