// Decides how Syncline takes part in the measurement.

import { open } from "/pkg/dist/index.browser.js";
import { countFrames, offer } from "./shared.js";

window.join = async (server, room) => {
  const sent = countFrames();
  const doc = await open(server, room);
  if (doc.status.phase !== "synced") {
    await new Promise((resolve) => {
      const stop = doc.on("status", ({ phase }) => {
        if (phase !== "synced") return;
        stop();
        resolve();
      });
    });
  }
  const text = doc.text("body");
  const onRemote = (listener) => text.observe(({ origin }) => origin === "remote" && listener());
  offer({ insert: (index, string) => text.insert(index, string), length: () => text.length, onRemote }, sent);
};
