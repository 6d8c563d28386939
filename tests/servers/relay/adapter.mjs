// Decides how the cases meet servers that only broadcast: on Node to all others or to everybody, on FastAPI as bytes or text.

import path from "node:path";
import { ROOT } from "../../../scripts/lib/run.mjs";
import { bytesFrame, textFrame } from "../lib/garbage.mjs";
import { startProcess } from "../lib/process.mjs";
import { uvicorn } from "../lib/uvicorn.mjs";

const FOLDER = path.join(ROOT, "tests", "servers", "relay");
const FASTAPI = uvicorn(FOLDER);

/** @type {import("../lib/adapter.mjs").Adapter} */
export const RELAY_TO_OTHERS = { ...relay(onNode()), name: "relay on ws, to all others" };

/** @type {import("../lib/adapter.mjs").Adapter} */
export const RELAY_TO_ALL = { ...relay(onNode("all")), name: "relay on ws, to all" };

/** @type {import("../lib/adapter.mjs").Adapter} */
export const RELAY_OF_BYTES = { ...relay(FASTAPI, "/bytes"), name: "relay on FastAPI, bytes" };

/** @type {import("../lib/adapter.mjs").Adapter} */
export const RELAY_OF_TEXT = {
  ...relay(FASTAPI, "/text", { frames: "text" }),
  name: "relay on FastAPI, text",
  yjs: false,
  frame: textFrame,
};

function relay(program, where = "", options = {}) {
  return {
    holds: "peers",
    yjs: true,
    start: async () => {
      const process_ = await startProcess(program);
      return Object.assign(process_, {
        place: (room) => ({ url: `ws://127.0.0.1:${process_.port}${where}`, room, options: { protocol: "relay", ...options } }),
      });
    },
    frame: bytesFrame,
  };
}

function onNode(...args) {
  const start = ({ port }) => ({
    command: process.execPath,
    args: [path.join(FOLDER, "relay.mjs"), ...args],
    env: { PORT: String(port) },
  });
  return { start, listening: /^listening$/ };
}
