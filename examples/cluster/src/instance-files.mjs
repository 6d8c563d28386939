// Decides how the updates that one instance has taken for one document lie in files: a log that grows at its end, and a
// snapshot into which it is folded when it is long or the document is closed.

import { open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";

export const LOG = ".log";
export const SNAPSHOT = ".snapshot";

const LENGTH_BYTES = 4;
/** How long a log may become. It is read whole when a document is opened. */
const FOLD_AT_BYTES = 1 << 20;

/** The files of one instance for one document, as long as it is open. One thing is done at a time. */
export class InstanceFiles {
  #log;
  #snapshot;
  #handle;
  #size = 0;
  #turn = Promise.resolve();

  /** Opens them; a log that a killed instance left is folded, with what was written of its last record left out. */
  static async open(folder, instance) {
    const files = new InstanceFiles(path.join(folder, instance));
    await files.#begin();
    return files;
  }

  constructor(base) {
    this.#log = base + LOG;
    this.#snapshot = base + SNAPSHOT;
  }

  /** Resolves when the update is in the file. That survives this process; to survive the machine it takes `datasync`. */
  append(update) {
    return this.#inTurn(async () => {
      if (this.#size > FOLD_AT_BYTES) await this.#fold();
      const record = recordOf(update);
      try {
        await this.#handle.writeFile(record);
        this.#size += record.length;
      } catch (error) {
        // A record that was written in part would hide those after it.
        await this.#handle.truncate(this.#size);
        throw error;
      }
    });
  }

  /** Folds the log away, which says that nothing is unfinished. */
  close() {
    return this.#inTurn(async () => {
      await this.#fold();
      await this.#handle.close();
      await rm(this.#log, { force: true });
    });
  }

  async #begin() {
    this.#handle = await open(this.#log, "a");
    this.#size = (await this.#handle.stat()).size;
    await this.#fold();
  }

  async #fold() {
    if (this.#size === 0) return;
    const doc = new Doc();
    for (const file of [this.#snapshot, this.#log]) for (const update of await readUpdates(file)) applyIfSound(doc, update);
    const written = `${this.#snapshot}.new`;
    const handle = await open(written, "w");
    await handle.writeFile(recordOf(encodeStateAsUpdate(doc)));
    await handle.sync();
    await handle.close();
    await rename(written, this.#snapshot);
    // Only here: who reads meanwhile finds what was in the log twice, not never.
    await this.#handle.truncate(0);
    this.#size = 0;
  }

  #inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** Applies an update, unless it is none: it was written down before anybody looked into it. */
export function applyIfSound(doc, update) {
  try {
    applyUpdate(doc, update);
  } catch (error) {
    console.error(`a record can't be applied: ${error.message}`);
  }
}

/** The updates in a file, without one of which only a part was written; none where there is no file. */
export async function readUpdates(file) {
  const bytes = await readFile(file).catch((error) => {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const updates = [];
  for (let at = 0; at + LENGTH_BYTES <= bytes.length; ) {
    const end = at + LENGTH_BYTES + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    updates.push(bytes.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return updates;
}

function recordOf(update) {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(update.length);
  return Buffer.concat([length, update]);
}
