// Decides how a document is kept: a snapshot and a log of updates, in rows that Lambdas write side by side.
//
//   document#ROOM  log#ID        one update, whole or the number of its parts
//                  head          which snapshot counts, and the number of its parts
//                  blob#ID#PART  parts of a snapshot or of a large update; they count once a row above names them
//                  tally         about how much is in the log, and until when somebody compacts it
//
// Updates may be merged in any order, so nobody waits for anybody to append. What is read is what was appended before:
// the log is read first, and what is gone from it by then is in the snapshot that is read after it.

import { randomBytes } from "node:crypto";
import { change, get, list, put, putAll, remove } from "./database.mjs";
import { COMPACTION, COMPACTION_MS, LOG, ORPHAN_MS, ROW_BYTES } from "./limits.mjs";
import { EMPTY, merge } from "./updates.mjs";

const READ_ATTEMPTS = 10;

/** @typedef {{ sk: string, update: Uint8Array, parts: number }} Entry of the log; `parts` is 0 where the row has it all */

/**
 * The whole document, as one update.
 * @param {string} room
 */
export async function readDocument(room) {
  const { update, entries } = await load(room);
  return { update, isDue: isDue({ entries: entries.length, bytes: bytesOf(entries) }) };
}

/**
 * Appends an update; resolves when it is stored for good.
 * @param {string} room
 * @param {Uint8Array} update
 * @returns {Promise<{ isDue: boolean }>} whether the log should be compacted
 */
export async function append(room, update) {
  const id = newId();
  if (update.length <= ROW_BYTES) {
    await put({ ...key(room, `log#${id}`), update });
  } else {
    const parts = await putBlob(room, id, update);
    await put({ ...key(room, `log#${id}`), parts });
  }
  const tally = await change(key(room, "tally"), "ADD entries :one, bytes :bytes", { ":one": 1, ":bytes": update.length });
  return { isDue: isDue(tally) };
}

/** Compacts unless somebody else does so. Only a saving: {@link compact} is safe beside others. */
export async function compactAlone(room, now = Date.now()) {
  const claimed = await change(
    key(room, "tally"),
    "SET compacting = :until",
    { ":until": now + COMPACTION_MS, ":now": now },
    "attribute_not_exists(compacting) OR compacting < :now",
  );
  if (!claimed) return;
  const { left } = await compact(room, now);
  // Relative, because others append meanwhile; and to what was counted, so that a wrong tally heals.
  await change(key(room, "tally"), "ADD entries :entries, bytes :bytes REMOVE compacting", {
    ":entries": left.length - (claimed.entries ?? 0),
    ":bytes": bytesOf(left) - (claimed.bytes ?? 0),
  });
}

/**
 * Merges the log into a new snapshot. Of several at once one succeeds and the others change nothing: a snapshot counts
 * only if the one that it was made from still does, and only what is in a snapshot that counts is deleted.
 * @param {string} room
 * @param {number} [now] in milliseconds
 * @returns {Promise<{ left: Entry[] }>} what of the log that was read is still there
 */
export async function compact(room, now = Date.now()) {
  const { head, snapshot, entries } = await load(room);
  const { update, merged } = merge(snapshot, atMost(COMPACTION, entries));
  if (merged.length === 0) return { left: entries };
  const id = newId(now);
  const parts = await putBlob(room, id, update);
  if (!(await replaceHead(room, head, { snapshotId: id, parts }))) {
    await remove(blobKeys(room, id, parts));
    return { left: entries };
  }
  await remove(merged.flatMap((entry) => rowsOf(room, entry)));
  if (head) await remove(blobKeys(room, head.snapshotId, head.parts));
  await removeOrphans(room, now);
  return { left: entries.filter((entry) => !merged.includes(entry)) };
}

function replaceHead(room, before, { snapshotId, parts }) {
  const condition = before ? "snapshotId = :before" : "attribute_not_exists(snapshotId)";
  const values = { ":id": snapshotId, ":parts": parts, ":before": before?.snapshotId };
  return change(key(room, "head"), "SET snapshotId = :id, parts = :parts", values, condition);
}

/** Reads again where a compaction deleted what a row that was read before it names. */
async function load(room) {
  for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt++) {
    const rows = await list(pk(room), "log#");
    const head = await get(key(room, "head"));
    const snapshot = head ? await blob(room, head.snapshotId, head.parts) : EMPTY;
    const entries = await Promise.all(rows.map((row) => entryOf(room, row)));
    if (snapshot && entries.every(({ update }) => update)) {
      return { head, snapshot, entries, update: merge(snapshot, entries).update };
    }
  }
  throw new Error(`a document was compacted ${READ_ATTEMPTS} times while it was read`);
}

async function entryOf(room, { sk, update, parts = 0 }) {
  return { sk, parts, update: update ?? (await blob(room, sk.slice("log#".length), parts)) };
}

async function putBlob(room, id, bytes) {
  const keys = blobKeys(room, id, Math.ceil(bytes.length / ROW_BYTES));
  await putAll(keys.map((key, part) => ({ ...key, bytes: bytes.subarray(part * ROW_BYTES, (part + 1) * ROW_BYTES) })));
  return keys.length;
}

/** Nothing where a part is missing. */
async function blob(room, id, parts) {
  const rows = await list(pk(room), `blob#${id}#`);
  return rows.length === parts ? new Uint8Array(Buffer.concat(rows.map(({ bytes }) => bytes))) : undefined;
}

/**
 * Deletes blobs that no row names because their writer ended half-way. The old blobs are listed before what names them:
 * whatever is to be named is named long before it is that old.
 */
async function removeOrphans(room, now) {
  const old = await list(pk(room), "blob#", { until: `blob#${timeOf(now - ORPHAN_MS)}`, keysOnly: true });
  if (old.length === 0) return;
  const log = await list(pk(room), "log#", { keysOnly: true });
  const head = await get(key(room, "head"));
  const named = new Set([head?.snapshotId, ...log.map(({ sk }) => sk.slice("log#".length))]);
  await remove(old.filter(({ sk }) => !named.has(sk.split("#")[1])));
}

function atMost({ entries: count, bytes: limit }, entries) {
  let bytes = 0;
  // The first one is always taken, or one that is too large would stay for good.
  return entries.slice(0, count).filter(({ update }, at) => (bytes += update.length) <= limit || at === 0);
}

function rowsOf(room, { sk, parts }) {
  return [key(room, sk), ...blobKeys(room, sk.slice("log#".length), parts)];
}

function blobKeys(room, id, parts) {
  return Array.from({ length: parts }, (_, part) => key(room, `blob#${id}#${String(part).padStart(5, "0")}`));
}

const isDue = ({ entries, bytes }) => entries >= LOG.entries || bytes >= LOG.bytes;
const bytesOf = (entries) => entries.reduce((sum, { update }) => sum + update.length, 0);
const pk = (room) => `document#${room}`;
const key = (room, sk) => ({ pk: pk(room), sk });
/** Unique, and in about the order of time. */
const newId = (now = Date.now()) => `${timeOf(now)}-${randomBytes(8).toString("hex")}`;
const timeOf = (ms) => String(ms).padStart(15, "0");
