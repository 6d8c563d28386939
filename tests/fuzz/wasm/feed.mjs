// Decides how the inputs of the native fuzzer meet the wasm build: one a line, through what an application and a server can
// call, each in a document of its own. Prints what escaped, one a line, and keeps in a file which one it is at.

import { createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setImmediate as breath } from "node:timers/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import * as Y from "yjs";
import { Socket } from "../../package/helpers/played-socket.mjs";

const [root, file, seedFile] = process.argv.slice(2);
const { open, SynclineError } = await import(pathToFileURL(path.join(root, "pkg", "dist", "index.node.js")).href);

const MARK = "still usable";
const GREETING = [Uint8Array.of(0, 0, 1, 0), Uint8Array.of(0, 1, 2, 0, 0)];
const KINDS = { text: "text", map: "map", list: "list" };
const EDITS = {
  text(doc, mark) {
    refusing(() => doc.text("text").insert(0, mark));
    refusing(() => doc.text("text").delete(0, 1));
    refusing(() => doc.text("text").toString());
  },
  map(doc, mark) {
    refusing(() => doc.map("map").set("mark", mark));
    refusing(() => doc.map("map").toJSON());
  },
  list(doc, mark) {
    refusing(() => doc.list("list").insert(0, [mark]));
    refusing(() => doc.list("list").toJSON());
  },
};
const ROOTS = Object.keys(EDITS);
/** How much the page may hold back of a document: as natively, so that inputs reach the limit. */
const OPTIONS = { WebSocket: Socket, maxHeldBytes: 4096 };

/** What nobody could catch while an input was met: a trap in an event of the socket or in a timer. */
const uncaught = [];
process.on("uncaughtException", (error) => uncaught.push(error));
process.on("unhandledRejection", (error) => uncaught.push(error));

async function main() {
  const begun = openSync(seedFile, "w");
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const input = JSON.parse(line);
    // Read by whoever watches, who ends this process when it stays the same. To print it took a quarter of the time.
    writeSync(begun, String(input.seed).padEnd(20), 0);
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
  for (const [turn, step] of input.steps.entries()) await take(doc, step, problems, input.isClose ? ROOTS : [ROOTS[turn % ROOTS.length]]);
  await breath();
  if (isHonest) {
    if (problems.length > 0) throw new Error(`honest updates are refused: ${problems}`);
    if (doc.text("text").toString() !== input.text) throw new Error("an honest session does not converge");
  }
  if (input.isClose) check(doc);
  else glance(doc, ROOTS[input.seed % ROOTS.length]);
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

async function take(doc, { update, frame, cursor, edit: isEdit }, problems, roots) {
  if (update !== undefined) refusing(() => doc.applyUpdate(Buffer.from(update, "hex")), problems);
  if (frame !== undefined) {
    await connect(doc);
    Socket.latest.receiveFrame(Buffer.from(frame, "hex"));
  }
  if (cursor !== undefined) {
    for (const name of ["text", "list"]) refusing(() => doc[KINDS[name]](name).resolve(cursor));
  }
  if (isEdit) edit(doc, "between", roots);
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

/** Edits what is our own and these roots, as far as they can be opened as what they are meant to be. */
function edit(doc, mark, roots) {
  doc.text("own text").insert(0, mark);
  doc.map("own map").set("mark", mark);
  for (const root of roots) EDITS[root](doc, mark);
}

/** The document can be edited and told. */
function glance(doc, root) {
  edit(doc, MARK, [root]);
  doc.encodeUpdate();
}

/** The document can be edited and told, as it is and how it came to that, and a new replica of Yjs has the edits. */
function check(doc) {
  edit(doc, MARK, ROOTS);
  doc.explain();
  doc.trace();
  const state = doc.encodeUpdate();
  const theirs = new Y.Doc({ guid: "fuzz" });
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
