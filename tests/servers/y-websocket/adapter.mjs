// Decides how the cases meet a y-websocket server: the one of today, and the one that y-websocket 2 brought along.

import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { bytesFrame } from "../lib/garbage.mjs";
import { untilInFile } from "../lib/on-disk.mjs";
import { startProcess } from "../lib/process.mjs";

/** @type {import("../lib/adapter.mjs").Adapter} */
export const Y_WEBSOCKET_SERVER = {
  ...yWebsocket("@y/websocket-server/src/server.js", "disk"),
  name: "@y/websocket-server 0.1.1",
};

/** @type {import("../lib/adapter.mjs").Adapter} */
export const Y_WEBSOCKET_SERVER_IN_MEMORY = {
  ...yWebsocket("@y/websocket-server/src/server.js", "memory"),
  name: "@y/websocket-server 0.1.1 in memory",
};

/** @type {import("../lib/adapter.mjs").Adapter} */
export const Y_WEBSOCKET_2 = {
  ...yWebsocket("y-websocket-2/bin/server.cjs", "disk"),
  name: "y-websocket 2.1.0",
};

function yWebsocket(file, holds) {
  const start = ({ port, folder }) => ({
    command: process.execPath,
    args: [path.join(ROOT, "node_modules", file)],
    env: { HOST: "127.0.0.1", PORT: String(port), YPERSISTENCE: holds === "disk" ? folder : undefined },
  });
  return {
    holds,
    yjs: true,
    start: async () => {
      const process_ = await startProcess({ start, listening: /^running at / });
      return Object.assign(process_, {
        place: (room) => ({ url: `ws://127.0.0.1:${process_.port}`, room, options: { protocol: "y-websocket" } }),
      });
    },
    frame: bytesFrame,
    // It reads a room that somebody opens while it still writes what those did who have left.
    written: ({ folder }, _room, bytes) => untilInFile(folder, /\.(log|ldb)$/, bytes),
  };
}
