// Decides how a test calls the Lambda handlers of the serverless example directly: a real table, and an API Gateway that
// is nothing but what was posted to it.

import { once } from "node:events";
import http from "node:http";
import { randomBytes } from "node:crypto";
import { handlerEnvironment, startTable } from "../../../examples/serverless/local/emulators.mjs";
import { startFaults } from "./serverless-faults.mjs";

export const SECRET = "a secret of the tests, and no other";

const SOURCES = "../../../examples/serverless/src";

/** Starts it all. Handlers read their environment when they are loaded, so a test file does this once. */
export async function startHandlers() {
  const table = await startTable();
  const faults = await startFaults(table.endpoint);
  const posts = await startPosts();
  Object.assign(process.env, handlerEnvironment({ table: faults.url, gateway: posts.url, secret: SECRET }));
  const load = (name) => import(`${SOURCES}/${name}.mjs`);
  const [connect, disconnect, sync] = await Promise.all(["connect", "disconnect", "sync"].map(load));
  const context = (connectionId) => ({ connectionId, domainName: "localhost", stage: "test" });
  return {
    posts,
    faults,
    document: await load("document"),
    database: await load("database"),
    limits: await load("limits"),
    connect: (id, event) => connect.handler({ requestContext: context(id), ...event }),
    disconnect: (id) => disconnect.handler({ requestContext: context(id) }),
    /** Hands a frame to the handler as API Gateway does. */
    say: (id, body) => sync.handler({ requestContext: context(id), body, isBase64Encoded: false }),
    close: async () => {
      await posts.close();
      await faults.close();
      await table.stop("SIGKILL");
    },
  };
}

/** A name that no other test has. */
export const fresh = (name) => `${name}-${randomBytes(4).toString("hex")}`;

/** API Gateway's side of connections: keeps what is posted, and answers as it is told. */
async function startPosts() {
  const sent = [];
  const closed = [];
  const answers = new Map();
  let whenPosted = async () => {};
  const server = http.createServer(async (request, response) => {
    const id = decodeURIComponent(new URL(request.url, "http://localhost").pathname.split("/").at(-1));
    const body = Buffer.concat(await request.toArray()).toString();
    const status = answers.get(id) ?? 200;
    if (request.method === "DELETE") closed.push(id);
    else if (status === 200) {
      await whenPosted(id, body);
      sent.push({ id, body });
    }
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    sent,
    closed,
    /** From now on posting to this connection is answered with `status`. */
    answer: (id, status) => answers.set(id, status),
    /** Calls `listener` before each post counts as sent. */
    onPost: (listener) => (whenPosted = listener),
    /** What was sent to a connection since this was asked last. */
    take: (id) => {
      const own = sent.filter((post) => post.id === id).map(({ body }) => body);
      for (const post of sent.filter((each) => each.id === id)) sent.splice(sent.indexOf(post), 1);
      return own;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
