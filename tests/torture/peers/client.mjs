// Decides how a client runs in a process of its own: started as `node client.mjs NAME URL WELCOME`, it tells what it does.
//
// It sends `{ attempt }` for every TCP connection that it opens, `{ seen }` whenever what it shows has changed, and
// `{ thrown }` with every error that nobody caught. Times are those of this machine's clock.

import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";
import { answerCalls } from "./calls.mjs";

const SAMPLE_MS = 100;
/** Browsers have no limit for a message; that of `ws`, 100 MiB, would decide for the clients. */
const NO_LIMIT = 2 ** 31 - 1;
const LONGEST_ERROR = 80;

const [name, url, welcome] = process.argv.slice(2);
lookLikeABrowser();
surviveErrors();
subscribe("net.client.socket", () => process.send({ attempt: Date.now() }));

const { join } = await import(`./clients/${name}.mjs`);
const client = await join(url, JSON.parse(welcome));
let shown = "";
const tell = () => {
  const seen = { word: client.word(), saved: client.saved?.(), text: client.text() };
  const now = JSON.stringify(seen);
  if (now === shown) return;
  shown = now;
  process.send({ seen: { at: Date.now(), ...seen } });
};
setInterval(tell, SAMPLE_MS);
tell();
answerCalls({ edit: (words) => client.edit(words) });

/** As a page does, it goes on after an error that nobody caught; a process of Node would end. */
function surviveErrors() {
  const tellThrown = (error) => process.send({ thrown: String(error).slice(0, LONGEST_ERROR) });
  process.on("uncaughtException", tellThrown);
  process.on("unhandledRejection", tellThrown);
}

/** A global WebSocket, as in browsers and newer versions of Node; for those that take it from `ws` too. */
function lookLikeABrowser() {
  const require = createRequire(import.meta.url);
  const ws = require("ws");
  class Unlimited extends ws {
    constructor(address, protocols) {
      super(address, protocols, { maxPayload: NO_LIMIT });
    }
  }
  globalThis.WebSocket = Unlimited;
  require.cache[require.resolve("ws")].exports = Object.assign(Unlimited, { WebSocket: Unlimited });
}
