// Decides how the cases meet Hocuspocus: with tokens that it checks, and documents that it writes to files.

import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { addressedFrame } from "../lib/garbage.mjs";
import { untilInFile } from "../lib/on-disk.mjs";
import { startProcess } from "../lib/process.mjs";

/** @type {import("../lib/adapter.mjs").Adapter} */
export const HOCUSPOCUS = {
  name: "Hocuspocus 4.7.0",
  holds: "disk",
  yjs: false,
  reader: "reader",
  refusals: { bad: { phase: "stopped", code: "denied" }, expired: { phase: "stopped", code: "denied" } },
  start: async () => {
    const process_ = await startProcess({ start, listening: /^listening$/ });
    return Object.assign(process_, {
      place: (room, token) => ({
        url: `ws://127.0.0.1:${process_.port}`,
        room,
        options: { protocol: "hocuspocus", ...(token && { token }) },
      }),
    });
  },
  frame: addressedFrame,
  // It writes some time after the last has left, and until then a reader is given what is in memory.
  written: ({ folder }, room, bytes) => untilInFile(folder, new RegExp(`^${room}\\.ydoc$`), bytes),
};

function start({ port, folder }) {
  return {
    command: process.execPath,
    args: [path.join(ROOT, "tests", "servers", "hocuspocus", "hocuspocus.mjs")],
    env: { PORT: String(port), FOLDER: folder },
  };
}
