// Decides how a test gets the cluster example: two instances, Redis and nginx, each of which can be killed and started
// again where it was.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startInstance, startNginx, startRedis } from "../../../examples/cluster/local/programs.mjs";
import { findClusterPrograms } from "../../../scripts/lib/cluster-programs.mjs";
import { freePort } from "../../../scripts/lib/ports.mjs";
import { startProxy } from "./proxy.mjs";
import { until } from "./until.mjs";

const INSTANCES = ["instance-1", "instance-2"];

/** Starts all of it. */
export async function startCluster() {
  const programs = findClusterPrograms();
  assert(programs.redis && programs.nginx, "there is no Redis or no nginx: `npm run test:e2e` installs both");
  const cluster = new Cluster(programs, await mkdtemp(path.join(tmpdir(), "syncline-cluster-")));
  try {
    await cluster.start();
  } catch (error) {
    await cluster.close();
    throw error;
  }
  return cluster;
}

class Cluster {
  #programs;
  #folder;
  #nginx;

  constructor(programs, folder) {
    this.#programs = programs;
    this.#folder = folder;
  }

  /** Where clients connect: to nginx, which chooses an instance. */
  get url() {
    return `ws://127.0.0.1:${this.port}`;
  }

  async start() {
    const redisPort = await freePort();
    this.redis = new Part(() => startRedis({ program: this.#programs.redis, port: redisPort }));
    await this.redis.start();
    /** Between the instances and Redis. */
    this.network = await startProxy(redisPort);
    this.instances = [];
    for (const name of INSTANCES) {
      const where = { name, port: await freePort(), redisPort: this.network.port, dataDir: path.join(this.#folder, "documents") };
      const instance = new Instance(() => startInstance(where), where.port);
      this.instances.push(instance);
      await instance.start();
    }
    this.port = await freePort();
    const instancePorts = this.instances.map(({ port }) => port);
    const folder = path.join(this.#folder, "nginx");
    this.#nginx = await startNginx({ program: this.#programs.nginx, port: this.port, instancePorts, folder });
  }

  async close() {
    await this.#nginx?.stop("SIGKILL");
    await Promise.all((this.instances ?? []).map((instance) => instance.kill()));
    await this.network?.close();
    await this.redis?.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A program that can be killed and started again. */
class Part {
  #start;
  #running;

  constructor(start) {
    this.#start = start;
  }

  /** The last lines that it printed. */
  get output() {
    return this.#running.output;
  }

  async start() {
    this.#running = await this.#start();
  }

  /** Resolves with the next line that it prints and `pattern` finds. */
  untilLine(pattern) {
    let found;
    const lines = (listener) =>
      this.#running.onLine((line) => {
        if (pattern.test(line)) found ??= line;
        listener();
      });
    return until(() => found, { sources: [lines], state: () => this.output });
  }

  /** Ends it as a crash does: at once, with nothing flushed. */
  async kill() {
    await this.#running?.stop("SIGKILL");
  }
}

class Instance extends Part {
  constructor(start, port) {
    super(start);
    this.port = port;
    /** Where clients connect to it past nginx. */
    this.url = `ws://127.0.0.1:${port}`;
  }

  /** What it says about itself. */
  async health() {
    return (await fetch(`http://127.0.0.1:${this.port}/health`)).json();
  }
}
