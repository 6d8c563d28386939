// Decides what `npm start` does: installs what is missing, starts the emulators, and says how to connect.
//
// Nothing but node: modules and scripts/lib is imported before the npm packages are known to be there.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createLog } from "../../scripts/lib/log.mjs";
import { ensureNpmPackages } from "../../scripts/lib/npm-packages.mjs";
import { readFolder, readPort, readValues } from "../../scripts/lib/options.mjs";
import { isFree } from "../../scripts/lib/ports.mjs";
import { Problem, runMain } from "../../scripts/lib/problem.mjs";
import { stopOnSignal } from "../../scripts/lib/stopping.mjs";
import { EXAMPLE, startGateway, startTable } from "./local/emulators.mjs";
import { signToken } from "./src/token.mjs";

const DEMO_ROOM = "demo";
const DAY_S = 24 * 60 * 60;

const HELP = `Usage: npm start -- [options]

Starts the example on this machine: dynalite for DynamoDB, serverless-offline for API Gateway and Lambda.

  --port N     the port of the WebSocket server (default: a free one)
  --data DIR   where the table is kept (default: .data)
  --room NAME  the room that the printed token is for (default: ${DEMO_ROOM})
  --help       this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  if (options.port !== undefined && !(await isFree(options.port))) {
    throw new Problem(`Port ${options.port} is taken by another program: choose another one, or leave --port out.`);
  }
  const log = createLog();
  const stop = stopOnSignal(log);
  await ensureNpmPackages({ log, folder: EXAMPLE });
  const secret = secretIn(options.data);
  const table = await log.step("Starting dynalite", () => startTable({ dataDir: path.join(options.data, "table") }));
  stop.before(table);
  const gateway = await log.step("Starting API Gateway and the Lambdas", () =>
    startGateway({ port: options.port, table: table.endpoint, secret }),
  );
  stop.before(gateway);
  const token = signToken({ room: options.room, exp: Math.floor(Date.now() / 1000) + DAY_S }, secret);
  log.info(`
  The server is ready: ${gateway.url}
  A token for the room ${JSON.stringify(options.room)}, for a day:
  ${token}

  const doc = await open(${JSON.stringify(gateway.url)}, ${JSON.stringify(options.room)}, { protocol: "api-gateway", token });

  Ctrl-C stops everything; what was written stays in ${options.data}.
`);
}

function readOptions() {
  const { port, data, ...values } = readValues({
    port: { type: "string" },
    data: { type: "string", default: ".data" },
    room: { type: "string", default: DEMO_ROOM },
    help: { type: "boolean", short: "h", default: false },
  });
  return { ...values, data: readFolder(data), port: readPort(port) };
}

/** The same one at every start, so that a token outlives a restart. */
function secretIn(folder) {
  const file = path.join(folder, "token-secret");
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8");
}

await runMain(main);
// Something that could not be started leaves behind what was, which would keep this process alive.
if (process.exitCode) process.exit();
