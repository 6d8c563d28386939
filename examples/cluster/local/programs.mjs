// Decides how the parts of the example run on this machine: on loopback, as child processes, each with what it is told.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startProgram } from "../../../scripts/lib/program.mjs";

/** The folder of this example. */
export const EXAMPLE = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

const HOST = "127.0.0.1";

/**
 * Starts Redis. It keeps nothing: what it carries is in the instances.
 * @param {{ program: string, port: number }} options
 */
export function startRedis({ program, port }) {
  const args = ["--bind", HOST, "--port", String(port), "--save", "", "--appendonly", "no", "--daemonize", "no"];
  return startProgram({ name: "Redis", command: program, args, ready: /Ready to accept connections/ });
}

/**
 * Starts one instance.
 * @param {{ name: string, port: number, redisPort: number, dataDir: string }} options
 */
export function startInstance({ name, port, redisPort, dataDir }) {
  const env = { INSTANCE: name, HOST, PORT: String(port), REDIS_HOST: HOST, REDIS_PORT: String(redisPort), DATA_DIR: dataDir };
  const args = [path.join(EXAMPLE, "src", "instance.mjs")];
  return startProgram({ name, command: process.execPath, args, env, cwd: EXAMPLE, ready: / listens on / });
}

/**
 * Starts nginx, in front of the instances on `instancePorts`.
 * @param {{ program: string, port: number, instancePorts: number[], folder: string }} options `folder` is for its files
 */
export function startNginx({ program, port, instancePorts, folder }) {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "nginx.conf");
  const instances = instancePorts.map((each) => `server ${HOST}:${each} max_fails=0;`).join("\n    ");
  const values = { folder, instances, listen: `${HOST}:${port}` };
  const template = readFileSync(path.join(EXAMPLE, "nginx.conf"), "utf8");
  writeFileSync(file, template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole));
  // One process, so that ending it leaves none behind.
  const args = ["-p", folder, "-c", file, "-g", "daemon off; master_process off;"];
  // It says how it waits for events when it listens already.
  return startProgram({ name: "nginx", command: program, args, ready: /using the "\w+" event method/ });
}
