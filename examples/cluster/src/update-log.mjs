// Decides what is written down and when: each update before it is acknowledged, by each instance into files of its own.
//
// So an acknowledgement means "in a file", not "in memory": who kills an instance loses nothing that was acknowledged.
// All instances see one folder and read each other's files, and none writes into those of another, so nothing is
// overwritten. With a database it would be a table of (document, instance, update).

import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { applyIfSound, InstanceFiles, LOG, readUpdates, SNAPSHOT } from "./instance-files.mjs";

const SYNC_STEP_2 = 1;
const UPDATE = 2;
/** An update that says nothing: no structs, no deletions. Every handshake of a client without news has one. */
const EMPTY_BYTES = 2;

/** How long a name may be when it is escaped: file systems allow 255 bytes. */
const LONGEST_NAME = 236;
const PREFIX = "doc-";

/** Keeps documents, as an extension of Hocuspocus. */
export class UpdateLog {
  #instance;
  #folder;
  #open = new Map();
  #turns = new Map();

  /** @param {{ instance: string, folder: string }} options `folder` is the same for all instances, `instance` is not */
  constructor({ instance, folder }) {
    this.#instance = instance;
    this.#folder = folder;
  }

  /** The documents that were open when this instance ended without closing them. */
  async unfinished() {
    await mkdir(this.#folder, { recursive: true });
    const folders = (await readdir(this.#folder)).filter((name) => name.startsWith(PREFIX));
    const unfinished = [];
    for (const name of folders) {
      const files = await readdir(path.join(this.#folder, name));
      if (files.includes(this.#instance + LOG)) unfinished.push(decodeURIComponent(name.slice(PREFIX.length)));
    }
    return unfinished;
  }

  async onLoadDocument({ documentName, document }) {
    const folder = this.#folderOf(documentName);
    await this.#inTurn(documentName, async () => {
      await mkdir(folder, { recursive: true });
      for (const update of await updatesIn(folder)) applyIfSound(document, update);
      if (!this.#open.has(documentName)) this.#open.set(documentName, await InstanceFiles.open(folder, this.#instance));
    });
  }

  /** Hocuspocus waits for this before it applies and acknowledges what a client sent. */
  async beforeSync({ documentName, connection, type, payload }) {
    const isNews = (type === SYNC_STEP_2 || type === UPDATE) && payload.length > EMPTY_BYTES;
    if (isNews && !connection.readOnly) await this.#open.get(documentName).append(payload);
  }

  async afterUnloadDocument({ documentName, instance }) {
    await this.#inTurn(documentName, async () => {
      const isOpenAgain = instance.documents.has(documentName) || instance.loadingDocuments.has(documentName);
      const files = this.#open.get(documentName);
      if (isOpenAgain || !files) return;
      this.#open.delete(documentName);
      await files.close();
    });
  }

  /** Opening and closing a document wait for each other. */
  async #inTurn(documentName, work) {
    const done = (this.#turns.get(documentName) ?? Promise.resolve()).then(work);
    const turn = done.catch(() => {});
    this.#turns.set(documentName, turn);
    turn.then(() => this.#turns.get(documentName) === turn && this.#turns.delete(documentName));
    return done;
  }

  #folderOf(documentName) {
    const name = encodeURIComponent(documentName);
    if (name.length <= LONGEST_NAME) return path.join(this.#folder, PREFIX + name);
    const reason = `the name of a document may have ${LONGEST_NAME} bytes when it is escaped`;
    throw Object.assign(new Error(reason), { reason });
  }
}

/**
 * What all instances have written. Their logs come first, and each kind is looked for when its turn comes: what is moved
 * to a snapshot meanwhile is read twice, not never.
 */
async function updatesIn(folder) {
  const updates = [];
  for (const kind of [LOG, SNAPSHOT]) {
    const names = (await readdir(folder)).filter((name) => name.endsWith(kind));
    for (const name of names) updates.push(...(await readUpdates(path.join(folder, name))));
  }
  return updates;
}
