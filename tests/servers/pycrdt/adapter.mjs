// Decides how the cases meet pycrdt-websocket under FastAPI: with rooms in memory, and with rooms in SQLite.

import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { bytesFrame } from "../lib/garbage.mjs";
import { untilInFile } from "../lib/on-disk.mjs";
import { startProcess } from "../lib/process.mjs";
import { uvicorn } from "../lib/uvicorn.mjs";

const APP = path.join(ROOT, "tests", "servers", "pycrdt");
const DATABASE = "ystore.db";

/** @type {import("../lib/adapter.mjs").Adapter} */
export const PYCRDT = { ...pycrdt("memory"), name: "pycrdt-websocket 0.16.5" };

/** @type {import("../lib/adapter.mjs").Adapter} */
export const PYCRDT_SQLITE = {
  ...pycrdt("disk"),
  name: "pycrdt-websocket 0.16.5 with SQLite",
  written: ({ folder }, _room, bytes) => untilInFile(folder, /^ystore\.db$/, bytes, `${DATABASE}-journal`),
};

function pycrdt(holds) {
  const storeIn = (folder) => (holds === "disk" ? path.join(folder, DATABASE) : "");
  const program = uvicorn(APP, ({ folder }) => ({ YSTORE: storeIn(folder) }));
  return {
    holds,
    yjs: true,
    // The handshake is refused, which a client cannot tell from a server that is down.
    refusals: { bad: { phase: "waiting", code: "unreachable" }, expired: { phase: "waiting", code: "unreachable" } },
    start: async () => {
      const process_ = await startProcess(program);
      return Object.assign(process_, {
        place: (room, token) => ({
          url: `ws://127.0.0.1:${process_.port}/ws`,
          room,
          options: { protocol: "y-websocket", ...(token && { token }) },
        }),
      });
    },
    frame: bytesFrame,
  };
}
