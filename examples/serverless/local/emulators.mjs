// Decides what stands for AWS on this machine: dynalite for DynamoDB, serverless-offline for API Gateway and Lambda.

import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../../scripts/lib/ports.mjs";
import { startProgram } from "../../../scripts/lib/program.mjs";

/** The folder of this example. */
export const EXAMPLE = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");

const HOST = "127.0.0.1";
const TABLE = "syncline-example-local";

/** The SDK signs what it sends; the emulators do not look. Nothing is sent to anybody else. */
const NO_AWS = {
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_REGION: "eu-central-1",
  AWS_EC2_METADATA_DISABLED: "true",
  // The example runs on the same Node as the rest of the project; in AWS it is a newer one.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  SLS_TELEMETRY_DISABLED: "1",
  SLS_NOTIFICATIONS_MODE: "off",
};

/**
 * Starts DynamoDB, with the table that the example needs.
 * @param {{ port?: number, dataDir?: string }} [options] without `dataDir` rows are kept in memory
 */
export async function startTable({ port, dataDir } = {}) {
  const listenOn = port ?? (await freePort());
  if (dataDir) mkdirSync(dataDir, { recursive: true });
  const where = ["--host", HOST, "--port", String(listenOn), "--createTableMs", "0", ...(dataDir ? ["--path", dataDir] : [])];
  const program = await startNode({
    name: "dynalite",
    args: [module("dynalite", "cli.js"), ...where],
    ready: /^Dynalite listening/,
  });
  const endpoint = `http://${HOST}:${listenOn}`;
  await createTable(endpoint);
  return Object.assign(program, { endpoint, port: listenOn });
}

/** What the handlers have to be told to use this table. */
export function handlerEnvironment({ table, gateway, secret }) {
  return { ...NO_AWS, TABLE, TOKEN_SECRET: secret, DYNAMODB_ENDPOINT: table, MANAGEMENT_ENDPOINT: gateway };
}

/**
 * Makes the table of serverless.yml, unless it is there.
 * @param {string} endpoint of DynamoDB
 */
export async function createTable(endpoint) {
  Object.assign(process.env, NO_AWS);
  // Not before it is known to be installed.
  const { CreateTableCommand, DynamoDBClient, waitUntilTableExists } = await import("@aws-sdk/client-dynamodb");
  const client = new DynamoDBClient({ endpoint });
  const table = JSON.parse(readFileSync(path.join(EXAMPLE, "table.json"), "utf8"));
  await client.send(new CreateTableCommand({ TableName: TABLE, ...table })).catch((error) => {
    if (error.name !== "ResourceInUseException") throw error;
  });
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.5 }, { TableName: TABLE });
  client.destroy();
}

/**
 * Starts API Gateway with the three Lambdas in it. It takes about ten seconds.
 * @param {{ port?: number, table: string, secret: string }} options `table` is the endpoint of DynamoDB
 */
export async function startGateway({ port, table, secret }) {
  const [listenOn, http, lambda] = [port ?? (await freePort()), await freePort(), await freePort()];
  const gateway = `http://${HOST}:${listenOn}`;
  const ports = { websocketPort: listenOn, httpPort: http, lambdaPort: lambda };
  const program = await startNode({
    name: "The emulator of API Gateway",
    args: [
      module("osls", "bin", "serverless.js"),
      ...["offline", "start", "--host", HOST],
      ...Object.entries(ports).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
    env: handlerEnvironment({ table, gateway, secret }),
    ready: /\[http for websocket\] listening/,
  });
  return Object.assign(program, { url: `ws://${HOST}:${listenOn}`, port: listenOn });
}

function startNode(options) {
  return startProgram({ command: process.execPath, cwd: EXAMPLE, ...options });
}

function module(...names) {
  return path.join(EXAMPLE, "node_modules", ...names);
}
