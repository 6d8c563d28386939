// Decides how long it takes until a document can be read: in a page that has the library, and in one that has nothing yet.

import { serveCompressed } from "../lib/compressed-server.mjs";
import { finalDocument } from "../lib/documents.mjs";
import { inPage } from "../lib/stage.mjs";
import { median } from "../lib/statistics.mjs";

const LINK = { offline: false, latency: 60, downloadThroughput: 9e6 / 8, uploadThroughput: 9e6 / 8 };
const WARM_TIMES = 5;

export const opening = {
  name: "open",
  title: "First text of the session's document",
  how: `Warm: in a page that has opened the document before, from the bytes to the text, the median of ${WARM_TIMES}
times. A new page: from the start of its navigation until the text is read, nothing cached: HTML, script and wasm in
brotli 11, the document as it is, from a server on loopback; then over 9 Mbit/s and 60 ms as Chromium emulates them.
Each page has the library without a provider, but Syncline, which has none to leave out.`,
  rounds: { full: 7, quick: 1 },
  measurements: {
    warm: { title: "warm", unit: "ms", target: { ratio: 0.5 } },
    local: { title: "new page, loopback", unit: "ms", target: { ratio: 1 } },
    far: { title: "new page, 9 Mbit/s and 60 ms", unit: "ms", target: { ratio: 1.2 } },
  },
  async round({ stage, library, operations }) {
    const name = await finalDocument(stage, library, operations);
    const server = await stage.once("compressed", () => stage.own(serveCompressed(stage.folder, isForOpening)));
    const url = `${server.url}/${library}/opening.html?${name}`;
    return {
      warm: median(await inPage(stage, library, openAgain, { name, times: WARM_TIMES })),
      local: await newPage(stage, url),
      far: await newPage(stage, url, LINK),
    };
  },
};

function isForOpening(name) {
  return name.endsWith(".wasm") || /[/\\]opening\.(html|js)$/.test(name);
}

/** In the page: the first time is not counted. */
async function openAgain({ name, times }) {
  const { kit } = window;
  const bytes = new Uint8Array(await (await fetch(name)).arrayBuffer());
  const took = [];
  for (let n = 0; n <= times; n++) {
    await kit.nextTask();
    const began = performance.now();
    const replica = await kit.load(bytes);
    replica.text();
    took.push(performance.now() - began);
    await replica.close();
  }
  return took.slice(1);
}

/** The milliseconds from the start of the navigation until the text could be read. */
async function newPage(stage, url, link) {
  const visitor = await stage.browser.visit("about:blank");
  try {
    const devtools = await visitor.context.newCDPSession(visitor.page);
    await devtools.send("Network.enable");
    await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
    if (link) await devtools.send("Network.emulateNetworkConditions", link);
    await visitor.page.goto(url);
    const opened = await visitor.page.waitForFunction(() => window.opened);
    return (await opened.jsonValue()).took;
  } finally {
    await visitor.close();
  }
}
