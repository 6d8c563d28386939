// Decides which documents the rows open: what the session ends as, and a very long one of many authors, each made by the library.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { inPage } from "./stage.mjs";

/** The document that the session ends as, in the library's own bytes: the name of the file that its pages find. */
export function finalDocument(stage, library, operations) {
  return written(stage, library, `session-${operations}.bin`, replay, { operations });
}

/** A document of `length` characters by `authors` authors, each of whom had what those before had written. */
export function longDocument(stage, library, { length, authors }) {
  return written(stage, library, `${length}-by-${authors}.bin`, write, { length, authors });
}

/** Makes a file in the folder of the library's pages, once. */
function written(stage, library, name, make, work) {
  return stage.once(`${library}/${name}`, async () => {
    const made = await inPage(stage, library, make, work).catch((cause) => {
      throw new Error(`its document could not be made: ${cause.message}`, { cause });
    });
    await writeFile(path.join(stage.folder, library, name), Buffer.from(made, "base64"));
    return name;
  });
}

/** In the page. */
async function replay({ operations }) {
  const { kit, library } = window;
  const session = (await kit.trace()).slice(0, operations);
  const replica = await library.open();
  for (let n = 0; n < session.length; n += 100) {
    replica.group((text) => session.slice(n, n + 100).forEach((operation) => kit.perform(text, operation)));
    await kit.nextTask();
  }
  return kit.toBase64(replica.encode());
}

/** In the page. */
async function write({ length, authors }) {
  const { kit, library } = window;
  const { below } = kit.random(length + authors);
  const run = "a run of fifty characters that somebody has typed. ".slice(0, 50);
  const runs = Math.max(1, Math.round(length / authors / run.length));
  let bytes;
  for (let author = 0; author < authors; author++) {
    const replica = bytes ? await kit.load(bytes) : await library.open();
    let written = replica.length();
    for (let n = 0; n < runs; n += 100) {
      replica.group((text) => {
        for (let m = n; m < Math.min(runs, n + 100); m++) {
          text.insert(below(written + 1), run);
          written += run.length;
        }
      });
      await kit.nextTask();
    }
    bytes = replica.encode();
    await replica.close();
  }
  return kit.toBase64(bytes);
}
