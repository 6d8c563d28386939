// Decides what `npm start` does: everything from a fresh clone to a demo in the browser, with the real y-websocket server.
//
// Nothing but node: modules and ./lib is imported before the npm packages are known to be there.

import { existsSync } from "node:fs";
import path from "node:path";
import { buildAll, DEMO } from "./lib/build-all.mjs";
import { createLog } from "./lib/log.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { readFolder, readPort, readValues } from "./lib/options.mjs";
import { freePort, isFree } from "./lib/ports.mjs";
import { Problem, runMain } from "./lib/problem.mjs";
import { ROOT } from "./lib/run.mjs";
import { serve } from "./lib/static-server.mjs";
import { checkNode, ensureRust } from "./lib/toolchain.mjs";
import { keepYServerRunning } from "./lib/y-server-keeper.mjs";

const DEFAULT_PORT = 8080;
const PORTS_TRIED = 20;

const HELP = `Usage: npm start -- [options]

Builds Syncline and its demo, starts a y-websocket server and serves the demo.

  --port N     the port of the demo page (default: ${DEFAULT_PORT}, or the next free one)
  --data DIR   where the server keeps the documents (default: .data)
  --no-build   serve what was built before
  --help       this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  checkNode();
  if (options.port !== undefined && !(await isFree(options.port))) throw portTaken(options.port);
  if (!options.build && !existsSync(path.join(DEMO, "index.html"))) {
    throw new Problem("Nothing was built so far: start once without --no-build.");
  }

  const log = createLog();
  const stop = stopOnSignal(log);
  await ensureNpmPackages({ log });
  if (options.build) await ensureRust({ log });

  // Before the build: it ends at once where its documents are in use, and the reader should not wait to learn that.
  const server = await log.step("Starting the y-websocket server", async (step) => {
    const port = await freePort();
    step.result(`ws://127.0.0.1:${port}`);
    return keepYServerRunning({ port, dataDir: path.join(options.data, "y-websocket"), log, fail: stop.fail });
  });
  stop.before(() => server.stop());

  if (options.build) await buildAll({ log });
  const page = await servePage(options.port, server.url);
  stop.before(() => page.close());
  announce(log, page.url, server.url, options.data);
  stop.cleanly();
}

function readOptions() {
  const values = readValues({
    port: { type: "string" },
    data: { type: "string", default: path.join(ROOT, ".data") },
    "no-build": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  });
  return {
    port: readPort(values.port),
    data: readFolder(values.data),
    build: !values["no-build"],
    help: values.help,
  };
}

function portTaken(port) {
  return new Problem(
    `Port ${port} is taken by another program: end that one, choose another port, or leave --port out to get a free one.`,
  );
}

/** Serves the demo on the port that was asked for, else on the first free one from the default on. */
async function servePage(asked, server) {
  const folders = { "/": DEMO };
  const json = { "/config.json": () => ({ server }) };
  const candidates = asked === undefined ? Array.from({ length: PORTS_TRIED }, (_, n) => DEFAULT_PORT + n) : [asked];
  for (const port of candidates) {
    try {
      return await serve({ folders, json, port });
    } catch (error) {
      if (error.code === "EACCES") throw new Problem(`Port ${port} needs more rights than yours: choose one above 1023.`);
      if (error.code !== "EADDRINUSE") throw error;
    }
  }
  if (asked !== undefined) throw portTaken(asked);
  return serve({ folders, json });
}

function announce(log, page, server, data) {
  const relative = path.relative(process.cwd(), data);
  const bold = (text) => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[22m` : text);
  log.info("");
  log.info(`  Syncline is ready:  ${bold(page)}`);
  log.info(`  y-websocket server: ${server}, documents in ${relative.startsWith("..") ? data : relative || "."}`);
  log.info("  Ctrl-C stops both.");
  log.info("");
}

/** Ends everything that was started when the reader says so, or when something that has to run can't. */
function stopOnSignal(log) {
  const closers = [];
  let stopping = false;
  let code = 130;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    log.info("Stopping …");
    await Promise.allSettled(closers.map((close) => close()));
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  return {
    before: (close) => closers.push(close),
    /** From here on, being stopped is success. */
    cleanly: () => (code = 0),
    fail: async (problem) => {
      if (stopping) return;
      code = 1;
      await runMain(() => Promise.reject(problem));
      await stop();
    },
  };
}

await runMain(main);
// A build that failed leaves the server behind, which would keep this process alive.
if (process.exitCode) process.exit();
