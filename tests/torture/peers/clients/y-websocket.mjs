// Decides how y-websocket takes part, with its defaults. It has no word for whether an edit is saved.

import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { ROOM } from "../servers/seed.mjs";
import { yjsText } from "./yjs-text.mjs";

export async function join(url) {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(url, ROOM, doc);
  let status = "connecting";
  provider.on("status", (news) => (status = news.status));
  provider.on("closed", () => (status = "closed"));
  return { ...yjsText(doc), word: () => (provider.synced ? "synced" : status) };
}
