// Decides how long a page is blocked while it catches up with the session's document: over a socket, from the device, by the call.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { withStranger } from "../lib/crowd.mjs";
import { finalDocument } from "../lib/documents.mjs";
import { inPage, inTime } from "../lib/stage.mjs";

export const catchingUp = {
  name: "catching-up",
  title: "Longest block while the session's document comes",
  how: `The state that the session ends as, written by yjs, and the longest time in which the page could do nothing else: in a new page
that connects to a y-websocket server which holds it, the text opened and observed, until it is in step; the same where it comes
from IndexedDB (Syncline's store; for yjs, its one \`applyUpdate\` of what lies there), in a page that did so once before; and
\`applyUpdate\`, which is one call in both. From the start of the work on: to load the wasm is not in it.`,
  libraries: ["syncline", "yjs"],
  rounds: { full: 7, quick: 1 },
  measurements: {
    socket: { title: "over a socket", unit: "ms", target: { most: 8 } },
    socketTook: { title: "… until in step", unit: "ms" },
    device: { title: "from the device", unit: "ms", target: { most: 8 } },
    deviceTook: { title: "… until it can be read", unit: "ms" },
    call: { title: "applyUpdate", unit: "ms" },
  },
  async round({ stage, library, operations }) {
    const name = await finalDocument(stage, "yjs", operations);
    const { url } = await stage.server(library);
    const room = `catching-up-${(rooms += 1)}`;
    const bytes = await readFile(path.join(stage.folder, "yjs", name));
    await withStranger(url, room, async ({ update, heard }) => {
      update(bytes);
      await heard();
    });
    const work = { url, room, name: `/yjs/${name}` };
    return {
      ...(await online(stage, library, fromSocket, work)),
      ...(await online(stage, library, fromDevice, work)),
      call: await inPage(stage, library, byCall, work),
    };
  },
};

let rooms = 0;

async function online(stage, library, work, argument) {
  const visitor = await stage.page(library, "online");
  try {
    return await inTime(visitor.page.evaluate(work, argument));
  } finally {
    await visitor.close();
  }
}

/** In the page. */
async function fromSocket({ url, room }) {
  const blocked = window.kit.watchBlocks();
  const began = performance.now();
  const shared = await window.connect(url, room, undefined, () => {});
  const took = performance.now() - began;
  if (shared.length() === 0) throw new Error("nothing came");
  return { socket: await blocked(), socketTook: took };
}

/** In the page. */
async function fromDevice({ url, room, name }) {
  await window.keep(url, room, new Uint8Array(await (await fetch(name)).arrayBuffer()));
  await (await window.reopen(url, room)).close();
  await window.kit.nextTask();
  const blocked = window.kit.watchBlocks();
  const began = performance.now();
  const replica = await window.reopen(url, room);
  if (replica.length() === 0) throw new Error("nothing was kept");
  return { deviceTook: performance.now() - began, device: await blocked() };
}

/** In the page. */
async function byCall({ name }) {
  const { kit, library } = window;
  const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
  const replica = await library.open();
  await kit.nextTask();
  const began = performance.now();
  replica.apply(bytes);
  if (replica.length() === 0) throw new Error("nothing is there");
  return performance.now() - began;
}
