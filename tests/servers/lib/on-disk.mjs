// Decides how a test learns that a server has written something: by looking into its files.

import { existsSync, watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { until } from "../../e2e/lib/until.mjs";

/**
 * Resolves when a file in `folder` whose path there is as `name` says has these bytes.
 * @param {RegExp} name
 * @param {string} [journal] a file that is there for as long as what was written may be taken back
 */
export async function untilInFile(folder, name, bytes, journal) {
  let isWritten = false;
  const look = async () => {
    const files = (await readdir(folder, { recursive: true })).filter((file) => name.test(file));
    // One that was removed meanwhile has nothing.
    const contents = await Promise.all(files.map((file) => readFile(path.join(folder, file)).catch(() => Buffer.alloc(0))));
    const isFinal = journal === undefined || !existsSync(path.join(folder, journal));
    isWritten ||= isFinal && contents.some((content) => content.includes(bytes));
  };
  const changes = (listener) => {
    const read = () => look().then(listener);
    const watcher = watch(folder, { recursive: true }, read);
    read();
    return () => watcher.close();
  };
  await until(() => isWritten, { sources: [changes], state: () => `${bytes} is in no file ${name} in ${folder}` });
}
