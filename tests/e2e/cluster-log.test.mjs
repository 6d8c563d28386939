// What the instances of the cluster example write down is read again, whatever moment they were killed in.

import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
// The same Yjs as the example's, or two would be loaded.
import { Doc, encodeStateAsUpdate } from "../../examples/cluster/node_modules/yjs/dist/yjs.mjs";
import { UpdateLog } from "../../examples/cluster/src/update-log.mjs";
import { cleanup } from "./lib/cleanup.mjs";

const UPDATE = 2;
/** What Hocuspocus has open, for the log: nothing, as soon as a document is unloaded. */
const HOCUSPOCUS = { documents: new Map(), loadingDocuments: new Map() };

function newFolder(own) {
  return mkdtemp(path.join(tmpdir(), "syncline-log-")).then((folder) => own(folder, () => rm(folder, { recursive: true })));
}

/** An instance with the document "a/b" open. */
async function open(own, folder, instance) {
  const log = new UpdateLog({ instance, folder });
  const document = new Doc();
  await log.onLoadDocument({ documentName: "a/b", document });
  return own({
    text: () => document.getText("body").toString(),
    take: (payload, connection = { readOnly: false }) =>
      log.beforeSync({ documentName: "a/b", connection, type: UPDATE, payload }),
    close: () => log.afterUnloadDocument({ documentName: "a/b", instance: HOCUSPOCUS }),
    unfinished: () => log.unfinished(),
  });
}

function updateWith(text) {
  const doc = new Doc();
  doc.getText("body").insert(0, text);
  return encodeStateAsUpdate(doc);
}

test("what one instance took is read by the other, while it is open and after it was closed", async (t) => {
  const own = cleanup(t);
  const folder = await newFolder(own);
  const one = await open(own, folder, "one");
  await one.take(updateWith("hello"));
  assert.equal((await open(own, folder, "two")).text(), "hello");
  assert.deepEqual(await one.unfinished(), ["a/b"]);
  await one.close();
  assert.deepEqual(await one.unfinished(), []);
  assert.equal((await open(own, folder, "three")).text(), "hello");
});

test("a record of which only a part was written is left out, and what is written after it is read", async (t) => {
  const own = cleanup(t);
  const folder = await newFolder(own);
  await (await open(own, folder, "one")).take(updateWith("whole"));
  const [document] = await readdir(folder);
  await appendFile(path.join(folder, document, "one.log"), Buffer.from([200, 0, 0, 0, 1, 2, 3]));
  const again = await open(own, folder, "one");
  assert.equal(again.text(), "whole");
  await again.take(updateWith(" and more"));
  assert.equal((await open(own, folder, "one")).text().length, "whole and more".length);
});

test("bytes that are no update do not keep a document from being opened", async (t) => {
  const own = cleanup(t);
  const folder = await newFolder(own);
  t.mock.method(console, "error", () => {});
  const one = await open(own, folder, "one");
  await one.take(Uint8Array.of(255, 255, 255));
  await one.take(updateWith("sound"));
  assert.equal((await open(own, folder, "one")).text(), "sound");
});

test("what somebody sends who may only read is not written down, nor what says nothing", async (t) => {
  const own = cleanup(t);
  const folder = await newFolder(own);
  const one = await open(own, folder, "one");
  await one.take(updateWith("no"), { readOnly: true });
  await one.take(Uint8Array.of(0, 0));
  const [document] = await readdir(folder);
  assert.equal((await stat(path.join(folder, document, "one.log"))).size, 0);
});

test("a log that became long is folded, and nothing is missing", async (t) => {
  const own = cleanup(t);
  const folder = await newFolder(own);
  const one = await open(own, folder, "one");
  const long = "x".repeat(400_000);
  for (let n = 0; n < 4; n++) await one.take(updateWith(long));
  const [document] = await readdir(folder);
  assert((await stat(path.join(folder, document, "one.log"))).size < 2 * long.length);
  assert.equal((await open(own, folder, "two")).text().length, 4 * long.length);
});

test("a name that is too long for a file is refused with a reason", async (t) => {
  const log = new UpdateLog({ instance: "one", folder: await newFolder(cleanup(t)) });
  const loaded = log.onLoadDocument({ documentName: "n".repeat(300), document: new Doc() });
  await assert.rejects(loaded, ({ reason }) => /may have 236 bytes/.test(reason));
});
