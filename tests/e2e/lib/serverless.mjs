// Decides how a test gets the serverless example on this machine: emulators that can be killed and started again, with
// the limits of AWS in front.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startGateway, startTable } from "../../../examples/serverless/local/emulators.mjs";
import { signToken } from "../../../examples/serverless/src/token.mjs";
import { freePort } from "../../../scripts/lib/ports.mjs";
import { startLimits } from "./serverless-limits.mjs";

const SECRET = "a secret of the tests, and no other";

/** A token for a room, valid for an hour unless `claims` says otherwise. */
export function tokenFor(room, claims = {}) {
  return signToken({ room, exp: Math.floor(Date.now() / 1000) + 3600, ...claims }, SECRET);
}

/** Starts the emulators. @param {import("./serverless-limits.mjs").Limits} [limits] other than those of AWS */
export async function startServerless(limits) {
  const server = new Serverless(await mkdtemp(path.join(tmpdir(), "syncline-aws-")));
  try {
    await server.start(limits);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class Serverless {
  #dataDir;
  #ports;
  #table;
  #gateway;

  constructor(dataDir) {
    this.#dataDir = dataDir;
  }

  /** Where clients connect. */
  get url() {
    return this.limits.url;
  }

  async start(limits) {
    this.#ports = { table: await freePort(), gateway: await freePort() };
    await this.#startEmulators();
    this.limits = await startLimits(this.#gateway.url, limits);
  }

  /** Ends API Gateway, the Lambdas and DynamoDB as a crash does: at once, nothing flushed, nobody told. */
  async kill() {
    await Promise.all([this.#gateway, this.#table].map((program) => program.stop("SIGKILL")));
  }

  /** Starts them again, on the same ports and with the same rows. */
  async restart() {
    await this.kill();
    await this.#startEmulators();
  }

  async close() {
    await this.limits?.close();
    await Promise.all([this.#gateway, this.#table].map((program) => program?.stop("SIGKILL")));
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #startEmulators() {
    this.#table = await startTable({ port: this.#ports.table, dataDir: this.#dataDir });
    this.#gateway = await startGateway({ port: this.#ports.gateway, table: this.#table.endpoint, secret: SECRET });
  }
}
