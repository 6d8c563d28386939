// Decides how a test learns that a server has written something: by looking into its file.

import { existsSync, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { until } from "../../e2e/lib/until.mjs";

/**
 * Resolves when a file in `folder` has these bytes. Both may come later.
 * @param {string} [journal] a file that is there for as long as what was written may be taken back
 */
export async function untilInFile(folder, name, bytes, journal) {
  const file = path.join(folder, name);
  let content = Buffer.alloc(0);
  await until(() => content.includes(bytes), {
    sources: [
      (listener) => {
        const read = () =>
          readFile(file).then(
            (read) => {
              const isFinal = journal === undefined || !existsSync(path.join(folder, journal));
              if (isFinal) content = read;
              listener();
            },
            () => {},
          );
        const watcher = watch(folder, { recursive: true }, read);
        read();
        return () => watcher.close();
      },
    ],
    state: () => `${file}: ${content.length} bytes`,
  });
}
