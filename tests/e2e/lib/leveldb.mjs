// Decides what a test sees of LevelDB, in which Chromium keeps what a site stores: whether its log ends in the middle of a record.

import { readdirSync, readFileSync, truncateSync } from "node:fs";
import path from "node:path";

/** A log consists of blocks, and each of them of pieces of records: a checksum, the length, the kind, the content. */
const BLOCK_BYTES = 32 << 10;
const HEADER_BYTES = 7;
const LENGTH_AT = 4;
const KIND_AT = 6;
/** The kinds of pieces after which the record goes on. */
const GOES_ON = [2, 3];

/**
 * Whether Chromium died while it wrote to IndexedDB in this profile: the last record has a beginning and no end. It has to
 * be asked before Chromium is started again: it writes on behind that.
 */
export function endsTorn(folder) {
  return logs(folder).some((file) => isTorn(readFileSync(file)));
}

/**
 * Leaves what a death in the middle of a write leaves: all but the end of the last record of IndexedDB in this profile.
 * Returns the file.
 */
export function tear(folder) {
  const file = logs(folder).at(-1);
  truncateSync(file, readFileSync(file).length - 1);
  return file;
}

function logs(folder) {
  const databases = path.join(folder, "Default", "IndexedDB");
  const files = readdirSync(databases, { recursive: true }).filter((file) => file.endsWith(".log"));
  return files.sort().map((file) => path.join(databases, file));
}

function isTorn(bytes) {
  let at = 0;
  let goesOn = false;
  while (at < bytes.length) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEADER_BYTES) {
      // The end of a block that is too short for a piece is left empty.
      at += left;
      continue;
    }
    if (at + HEADER_BYTES > bytes.length) return true;
    goesOn = GOES_ON.includes(bytes[at + KIND_AT]);
    at += HEADER_BYTES + bytes.readUInt16LE(at + LENGTH_AT);
  }
  return goesOn || at > bytes.length;
}
