// Decides how the inputs of the native fuzzer meet the wasm build: one a line, through what an application and a server can
// call, each in a document of its own. Prints what escaped, one a line, and how far it is.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { setImmediate as breath } from "node:timers/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as Y from "yjs";
import { Socket } from "../../package/helpers/played-socket.mjs";

const [root, file] = process.argv.slice(2);
const { open, SynclineError } = await import(pathToFileURL(path.join(root, "pkg", "dist", "index.node.js")).href);

const MARK = "still usable";
const GREETING = [Uint8Array.of(0, 0, 1, 0), Uint8Array.of(0, 1, 2, 0, 0)];
const KINDS = { text: "text", map: "map", list: "list" };
/** How much the page may hold back of a document: as natively, so that inputs reach the limit. */
const OPTIONS = { WebSocket: Socket, maxHeldBytes: 4096 };

/** What nobody could catch while an input was met: a trap in an event of the socket or in a timer. */
const uncaught = [];
process.on("uncaughtException", (error) => uncaught.push(error));
process.on("unhandledRejection", (error) => uncaught.push(error));

async function main() {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const input = JSON.parse(line);
    // Read by whoever watches, who ends this process when the next line does not come.
    tell({ begins: input.seed });
    try {
      await meet(input);
      if (uncaught.length > 0) throw uncaught[0];
    } catch (error) {
      tell({ escape: input.seed, why: String(error?.stack ?? error).slice(0, 600) });
      uncaught.length = 0;
    }
  }
  tell({ done: true, bytes: process.memoryUsage.rss() });
  process.exit(0);
}

/** Gives a document the input; throws where something does not hold that has to. */
async function meet(input) {
  const isHonest = input.kind === "honest";
  const doc = await open("ws://fuzz.test", "room", { ...OPTIONS, maxHeldBytes: isHonest ? 1 << 20 : OPTIONS.maxHeldBytes });
  const problems = [];
  doc.on("problem", ({ code }) => problems.push(code));
  watch(doc);
  await connect(doc);
  for (const step of input.steps) await take(doc, step, problems);
  await breath();
  if (isHonest) {
    if (problems.length > 0) throw new Error(`honest updates are refused: ${problems}`);
    if (doc.text("text").toString() !== input.text) throw new Error("an honest session does not converge");
  }
  check(doc);
  doc.explain();
  doc.trace();
  await doc.close();
  // Another instance goes on with the document, and nothing of it is missing; but one has trapped.
  const { recovered } = doc.status;
  if (recovered) throw new Error(`an instance of the wasm has ended: ${recovered.reason}`);
}

/** Has the changes of each root worked out, as observers do. */
function watch(doc) {
  for (const [name, kind] of Object.entries(KINDS)) doc[kind](name).observe(() => {});
}

async function connect(doc) {
  if (Socket.latest?.readyState === 1) return;
  if (Socket.latest?.readyState !== 0) doc.reconnect();
  await breath();
  if (Socket.latest?.readyState !== 0) return;
  Socket.latest.open();
  GREETING.forEach((message) => Socket.latest.receiveFrame(message));
}

async function take(doc, { update, frame, cursor, edit: isEdit }, problems) {
  if (update !== undefined) refusing(() => doc.applyUpdate(Buffer.from(update, "hex")), problems);
  if (frame !== undefined) {
    await connect(doc);
    Socket.latest.receiveFrame(Buffer.from(frame, "hex"));
  }
  if (cursor !== undefined) {
    for (const name of ["text", "list"]) refusing(() => doc[KINDS[name]](name).resolve(cursor));
  }
  if (isEdit) edit(doc, "between");
}

/** Whatever is refused is refused in our own words. */
function refusing(work, problems) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SynclineError)) throw error;
    problems?.push(error.code);
  }
}

/** Edits every root, as far as it can be opened as what it is meant to be. */
function edit(doc, mark) {
  doc.text("own text").insert(0, mark);
  doc.map("own map").set("mark", mark);
  refusing(() => doc.text("text").insert(0, mark));
  refusing(() => doc.text("text").delete(0, 1));
  refusing(() => doc.map("map").set("mark", mark));
  refusing(() => doc.list("list").insert(0, [mark]));
  for (const kind of ["text", "map", "list"]) refusing(() => doc[kind](kind).toJSON?.());
}

/** The document can be edited, and a new replica, of ours and of Yjs, has the edits. */
function check(doc) {
  edit(doc, MARK);
  const state = doc.encodeUpdate();
  const theirs = new Y.Doc();
  Y.applyUpdate(theirs, state);
  const found = theirs.getText("own text").toString();
  if (!found.startsWith(MARK)) throw new Error(`Yjs has '${found}' of the text`);
  if (theirs.getMap("own map").get("mark") !== MARK) throw new Error("Yjs does not have the map");
  theirs.destroy();
}

function tell(news) {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

await main();
