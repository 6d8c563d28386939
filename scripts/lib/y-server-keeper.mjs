// Decides what happens when the server of the demo ends by itself: it is said, and it is started again unless that is pointless.

import { Problem } from "./problem.mjs";
import { startYServer } from "./y-server.mjs";

const MAX_CRASHES = 3;
const WITHIN_MS = 60_000;

/** A person or a supervisor ended it; it did not crash. */
const DELIBERATE = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Starts the y-websocket server and keeps it running, always on the same port.
 * @param {{ port: number, dataDir: string, log: import("./log.mjs").Log, fail: (problem: Error) => void }} options `fail`
 *   is told, once, when the server will not be started again
 * @returns {Promise<{ url: string, readonly pid: number, stop: () => Promise<void> }>}
 */
export async function keepYServerRunning({ port, dataDir, log, fail }) {
  let server = await startYServer({ port, dataDir });
  let wanted = true;
  let crashes = [];

  const watch = async () => {
    const { code, signal } = await server.ended;
    if (!wanted) return;
    const how = signal ?? `exit code ${code}`;
    const now = performance.now();
    crashes = [...crashes.filter((at) => now - at < WITHIN_MS), now];
    const known = server.knownProblem();
    if (known) return fail(known);
    if (DELIBERATE.has(signal)) return fail(new Problem(`The y-websocket server was ended from outside (${how}).`));
    if (crashes.length > MAX_CRASHES) {
      return fail(new Problem(`The y-websocket server ended ${crashes.length} times in a minute.`, { output: server.output }));
    }
    log.info(`The y-websocket server ended (${how}); it is started again.`);
    try {
      server = await startYServer({ port, dataDir });
      watch();
    } catch (error) {
      fail(error);
    }
  };
  watch();

  return {
    url: server.url,
    get pid() {
      return server.pid;
    },
    stop: async () => {
      wanted = false;
      await server.stop();
    },
  };
}
