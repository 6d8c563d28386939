// Decides how Syncline takes part: the package that is built here, with its defaults.

import { loadSyncline } from "../../../e2e/lib/syncline-client.mjs";
import { ROOM } from "../servers/seed.mjs";

export async function join(url) {
  const { open } = await loadSyncline();
  const doc = await open(url, ROOM);
  const body = doc.text("body");
  return {
    edit: (words) => body.insert(body.length, words),
    text: () => body.toString(),
    word: () => [doc.status.phase, doc.status.reason?.code].filter(Boolean).join(": "),
    saved: () => doc.status.unsynced === 0,
  };
}
