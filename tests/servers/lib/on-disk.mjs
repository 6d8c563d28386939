// Decides how a test learns that a server has written something: by looking into its file.

import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { until } from "../../e2e/lib/until.mjs";

/** Resolves when a file in `folder` has these bytes. Both may come later. */
export async function untilInFile(folder, name, bytes) {
  const file = path.join(folder, name);
  let content = Buffer.alloc(0);
  await until(() => content.includes(bytes), {
    sources: [
      (listener) => {
        const read = () =>
          readFile(file).then(
            (read) => {
              content = read;
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
