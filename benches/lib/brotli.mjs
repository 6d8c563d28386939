// Decides how a file is compressed as hosts of static files do it: brotli 11, which takes seconds for a peer's wasm, once for all runs.

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import { ROOT } from "../../scripts/lib/run.mjs";

/** By the hash of what was compressed. Not in git; may be deleted at any time. */
const KEPT = path.join(ROOT, "benches", "out", "brotli");

const compress = promisify(brotliCompress);

/** The file in brotli 11. */
export async function brotliOf(file) {
  const content = await readFile(file);
  const kept = path.join(KEPT, createHash("sha256").update(content).digest("hex"));
  const before = await readFile(kept).catch(() => undefined);
  if (before) return before;
  const small = await compress(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await mkdir(KEPT, { recursive: true });
  // Renamed when it is whole: a run that is interrupted must not leave half of it.
  await writeFile(`${kept}.${process.pid}`, small);
  await rename(`${kept}.${process.pid}`, kept);
  return small;
}
