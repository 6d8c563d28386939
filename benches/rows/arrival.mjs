// Decides how long a page is blocked by what comes over its socket: many small updates at once, and a whole document.

import { readFile } from "node:fs/promises";
import path from "node:path";
import * as Y from "yjs";
import { random } from "../../tests/e2e/lib/random.mjs";
import { withStranger } from "../lib/crowd.mjs";
import { finalDocument } from "../lib/documents.mjs";
import { inTime, together } from "../lib/stage.mjs";

const UPDATES = { full: 10_000, quick: 3_000 };

export const arrival = {
  name: "arrival",
  title: "What comes over the socket",
  how: `A page in step with a y-websocket server, with an observer. Somebody else sends ${UPDATES.full} updates of one character
(--quick: ${UPDATES.quick}), all at once, as a frame each: from the first event until all is there, and the longest time in which the
page could do nothing else. Then a page that connects to a room which holds the session's document: from the call until it is in
step, and the longest block meanwhile.`,
  libraries: ["syncline", "yjs", "ywasm"],
  rounds: { full: 5, quick: 1 },
  measurements: {
    burst: { title: "updates, first event → all there", unit: "ms" },
    burstBlock: { title: "… longest block", unit: "ms", target: { most: 50 } },
    events: { title: "… events for the observer", unit: "", isShare: false },
    document: { title: "document, connect → in step", unit: "ms" },
    documentBlock: { title: "… longest block", unit: "ms", target: { most: 50 } },
  },
  async round({ stage, library, quick, operations }) {
    const updates = await stage.once("updates", () => typed(quick ? UPDATES.quick : UPDATES.full));
    const burst = await together(stage, library, 1, ([page], room) => receiveBurst({ stage, library, page, room, updates }));
    const document = await readFile(path.join(stage.folder, "yjs", await finalDocument(stage, "yjs", operations)));
    return { ...burst, ...(await catchUp({ stage, library, document })) };
  },
};

/** What somebody sends who types and now and then goes elsewhere. */
async function typed(count) {
  const { below, chance } = random(1);
  const doc = new Y.Doc();
  const text = doc.getText("body");
  const updates = [];
  doc.on("update", (update) => updates.push(update));
  let cursor = 0;
  for (let n = 0; n < count; n++) {
    if (chance(0.05)) cursor = below(n + 1);
    text.insert(cursor++, "x");
  }
  return updates;
}

async function receiveBurst({ stage, library, page, room, updates }) {
  const { url } = await stage.server(library);
  await page.evaluate(watch, updates.length);
  return withStranger(url, room, async ({ update }) => {
    updates.forEach(update);
    return page.evaluate(() => window.arrived);
  });
}

async function catchUp({ stage, library, document }) {
  const { url } = await stage.server(library);
  const room = `catch-up-${(rooms += 1)}`;
  await withStranger(url, room, async ({ update, heard }) => {
    update(document);
    await heard();
  });
  const visitor = await stage.page(library, "online");
  try {
    return await inTime(visitor.page.evaluate(connect, { url, room }));
  } finally {
    await visitor.close();
  }
}

let rooms = 0;

/** In the page. */
function watch(count) {
  const { kit, shared } = window;
  const blocked = kit.watchBlocks();
  let [events, began] = [0, 0];
  window.arrived = new Promise((resolve) => {
    shared.onRemote(async (length) => {
      began ||= performance.now();
      events += 1;
      if (length < count) return;
      resolve({ burst: performance.now() - began, events, burstBlock: await blocked() });
    });
  });
}

/** In the page. */
async function connect({ url, room }) {
  const blocked = window.kit.watchBlocks();
  const began = performance.now();
  const shared = await window.connect(url, room);
  const took = performance.now() - began;
  if (shared.length() === 0) throw new Error("nothing came");
  return { document: took, documentBlock: await blocked() };
}
