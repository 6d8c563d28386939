// Decides how y-sweet's client takes part, with its defaults and a token function that always answers.

import { createYjsProvider } from "@y-sweet/client";
import * as Y from "yjs";
import { ROOM } from "../servers/seed.mjs";
import { yjsText } from "./yjs-text.mjs";

export async function join(url) {
  const doc = new Y.Doc();
  const token = { url: `${url}/d/${ROOM}/ws`, baseUrl: url.replace("ws:", "http:"), docId: ROOM, token: "t" };
  const provider = createYjsProvider(doc, ROOM, async () => token, { showDebuggerLink: false });
  return { ...yjsText(doc), word: () => provider.status, saved: () => !provider.hasLocalChanges };
}
