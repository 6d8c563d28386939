// Decides how Syncline takes part where there is a server: as it ships. Tabs share nothing, or two pages would meet on the device.

import { open } from "syncline";
import { replica } from "../syncline.js";

/** Resolves when the document is in step with the server. */
export async function connect(url, room, options, listener) {
  const doc = await open(url, room, { tabs: false, ...options });
  if (listener) doc.text("body").observe(listener);
  await new Promise((resolve) => {
    const check = ({ phase }) => phase === "synced" && resolve();
    doc.on("status", check);
    check(doc.status);
  });
  const text = doc.text("body");
  return {
    ...replica(doc),
    room,
    onRemote: (listener) => text.observe(({ origin }) => origin === "remote" && listener(text.length)),
    show: (state) => doc.presence.set(state),
    onPresence: (listener) => doc.on("presence", ({ added, updated }) => listener(added.length + updated.length)),
  };
}

/** Has this device keep a document that is `update`. */
export async function keep(url, room, update) {
  const doc = await open(url, `${room}-kept`, { tabs: false, connect: false, store: true });
  doc.applyUpdate(update);
  await doc.stored();
  await doc.close();
}

/** Opens what {@link keep} has kept. */
export async function reopen(url, room) {
  return replica(await open(url, `${room}-kept`, { tabs: false, connect: false, store: true }));
}
