// Decides what `npm start` does: installs what is missing, starts all parts on this machine, and says how to connect.
//
// Nothing but node: modules and scripts/lib is imported before the npm packages are known to be there.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { ensureClusterPrograms } from "../../scripts/lib/cluster-programs.mjs";
import { createLog } from "../../scripts/lib/log.mjs";
import { ensureNpmPackages } from "../../scripts/lib/npm-packages.mjs";
import { readFolder, readNumber, readPort, readValues } from "../../scripts/lib/options.mjs";
import { freePort, isFree } from "../../scripts/lib/ports.mjs";
import { Problem, runMain } from "../../scripts/lib/problem.mjs";
import { stopOnSignal } from "../../scripts/lib/stopping.mjs";
import { EXAMPLE, startInstance, startNginx, startRedis } from "./local/programs.mjs";

const HELP = `Usage: npm start -- [options]

Starts the example on this machine: Redis, two instances of Hocuspocus, and nginx in front of them.

  --port N       the port of nginx, where clients connect (default: a free one)
  --instances N  how many instances (default: 2)
  --data DIR     where the documents are kept (default: .data)
  --help         this text`;

async function main() {
  const options = readOptions();
  if (options.help) return process.stdout.write(`${HELP}\n`);
  if (options.port !== undefined && !(await isFree(options.port))) {
    throw new Problem(`Port ${options.port} is taken by another program: choose another one, or leave --port out.`);
  }
  const log = createLog();
  const stop = stopOnSignal(log);
  await ensureNpmPackages({ log, folder: EXAMPLE });
  const programs = await ensureClusterPrograms({ log, needs: "The example needs" });
  const parts = await log.step("Starting Redis, the instances and nginx", () => startAll(programs, options, stop));
  const url = `ws://127.0.0.1:${parts.port}`;
  log.info(`
  The cluster is ready: ${url}

  const doc = await open(${JSON.stringify(url)}, "my-document", { protocol: "hocuspocus" });

${parts.running.map(({ name, pid }) => `  ${name.padEnd(12)} process ${pid}`).join("\n")}

  Try \`kill -9\` on any of them: it is started again after a moment, and no edit is lost.
  Ctrl-C stops everything; documents stay in ${options.data}.
`);
}

/** Starts the parts in the order in which they need each other, so that they are ended in the reverse one. */
async function startAll(programs, { port, instances, data }, stop) {
  mkdirSync(data, { recursive: true });
  const running = [];
  const keep = async (start) => {
    running.push(await start());
    stop.before(running.at(-1), start);
  };
  const redisPort = await freePort();
  await keep(() => startRedis({ program: programs.redis, port: redisPort }));
  const instancePorts = [];
  for (let n = 1; n <= instances; n++) {
    const where = { name: `instance-${n}`, port: await freePort(), redisPort, dataDir: path.join(data, "documents") };
    await keep(() => startInstance(where));
    instancePorts.push(where.port);
  }
  const front = { program: programs.nginx, port: port ?? (await freePort()), instancePorts, folder: path.join(data, "nginx") };
  await keep(() => startNginx(front));
  return { port: front.port, running };
}

function readOptions() {
  const { help, port, instances, data } = readValues({
    port: { type: "string" },
    instances: { type: "string", default: "2" },
    data: { type: "string", default: ".data" },
    help: { type: "boolean", short: "h", default: false },
  });
  return { help, port: readPort(port), instances: readNumber("instances", instances, 32), data: readFolder(data) };
}

await runMain(main);
// Something that could not be started leaves behind what was, which would keep this process alive.
if (process.exitCode) process.exit();
