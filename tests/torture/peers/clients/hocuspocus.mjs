// Decides how Hocuspocus' provider takes part, with its defaults.

import { HocuspocusProvider } from "@hocuspocus/provider";
import * as Y from "yjs";
import { ROOM } from "../servers/seed.mjs";
import { yjsText } from "./yjs-text.mjs";

export async function join(url) {
  const document = new Y.Doc();
  const provider = new HocuspocusProvider({ url, name: ROOM, document });
  return {
    ...yjsText(document),
    word: () => (provider.isSynced ? "synced" : provider.configuration.websocketProvider.status),
    saved: () => !provider.hasUnsyncedChanges,
  };
}
