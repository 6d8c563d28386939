// Decides what a SharedWorker does that takes the connection and the store from the tabs: it opens the document first.

import { open } from "/pkg/dist/index.browser.js";

const { server, room } = Object.fromEntries(new URLSearchParams(globalThis.name));
const opened = open(server, room, { store: true });

addEventListener("connect", async ({ ports: [port] }) => {
  const doc = await opened;
  const report = ({ tab, phase }) => tab?.leader === tab?.number && phase === "synced" && port.postMessage("leads");
  doc.on("status", report);
  report(doc.status);
});
