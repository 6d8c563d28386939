// Decides what one instance is: a Hocuspocus server that writes down what it acknowledges, and tells the other instances.
//
// It is told everything by its environment; see `settings`.

import { Server } from "@hocuspocus/server";
import { setTimeout } from "node:timers/promises";
import { Crossing } from "./crossing.mjs";
import { Health } from "./health.mjs";
import { UpdateLog } from "./update-log.mjs";

const LEAVE_WITHIN_MS = 5_000;

async function main() {
  const { name, host, port, redis, dataDir } = settings(process.env);
  const crossing = new Crossing({ instance: name, redis });
  const log = new UpdateLog({ instance: name, folder: dataDir });
  const server = new Server({
    name,
    address: host,
    port,
    quiet: true,
    stopOnSignals: false,
    extensions: [new Health({ instance: name, crossing }), log, crossing],
    // Whoever asks gets in. Here is where a token is checked: docs/hocuspocus.md shows how.
  });
  // Before anybody can open one.
  const unfinished = await log.unfinished();
  await server.listen();
  console.log(`${name} listens on ${host}:${port}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => leave(server));
  await Promise.all(unfinished.map((document) => bringBack(document, server.hocuspocus, crossing)));
}

function settings(env) {
  return {
    name: env.INSTANCE ?? "instance-1",
    host: env.HOST ?? "127.0.0.1",
    port: Number(env.PORT ?? 1234),
    redis: { host: env.REDIS_HOST ?? "127.0.0.1", port: Number(env.REDIS_PORT ?? 6379), password: env.REDIS_PASSWORD },
    dataDir: env.DATA_DIR ?? ".data/documents",
  };
}

/**
 * Opens a document that was open when this instance died, until the others have been told: what was acknowledged last may
 * be in the log of this instance alone, and the people who wrote it may never come back.
 */
async function bringBack(name, hocuspocus, crossing) {
  try {
    const connection = await hocuspocus.openDirectConnection(name);
    await crossing.reached();
    await connection.disconnect();
  } catch (error) {
    console.error(`${name} could not be brought back: ${error?.message}`);
  }
}

/** Closes the documents, which does not succeed while Redis is away; what is not closed is brought back by the next start. */
async function leave(server) {
  await Promise.race([server.destroy(), setTimeout(LEAVE_WITHIN_MS)]);
  process.exit();
}

await main();
