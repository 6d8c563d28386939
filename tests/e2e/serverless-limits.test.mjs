// The proxy that stands for the limits of API Gateway does what AWS does, in front of a server that has none.

import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { cleanup } from "./lib/cleanup.mjs";
import { random } from "./lib/random.mjs";
import { startLimits } from "./lib/serverless-limits.mjs";

const SECOND_MS = 1_000;

/** A server that sends everything back, and as many bytes as a number asks for. */
async function startEcho(verifyClient) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", verifyClient });
  await once(server, "listening");
  server.on("connection", (socket) =>
    socket.on("message", (data) => socket.send(Number(data) ? "x".repeat(Number(data)) : String(data))),
  );
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

async function open(t, limits) {
  const own = cleanup(t);
  const echo = own(await startEcho());
  const proxy = own(await startLimits(echo.url, limits));
  const socket = own(new WebSocket(proxy.url), () => socket.terminate());
  await once(socket, "open");
  return { proxy, socket };
}

const closeCode = async (socket) => (await once(socket, "close"))[0];

const LIMITED = [
  { what: "a binary frame", send: Buffer.from("hello"), code: 1003 },
  { what: "a frame of more than 32 KB", send: "x".repeat(32 * 1024 + 1), code: 1009 },
  { what: "a message of more than 128 KB from the server", send: String(128 * 1024 + 1), code: 1009 },
];

for (const { what, send, code } of LIMITED) {
  test(`${what} ends the connection with ${code}`, async (t) => {
    const { proxy, socket } = await open(t);
    socket.send(send);
    assert.equal(await closeCode(socket), code);
    assert.deepEqual(proxy.ended, [code]);
  });
}

test("what is within the limits gets through, as text", async (t) => {
  const { proxy, socket } = await open(t);
  for (const text of ["hello", "😀", "x".repeat(32 * 1024)]) {
    socket.send(text);
    const [data, isBinary] = await once(socket, "message");
    assert.deepEqual([String(data), isBinary], [text, false]);
  }
  socket.send(String(128 * 1024));
  assert.equal((await once(socket, "message"))[0].length, 128 * 1024);
  assert.deepEqual(proxy.ended, []);
});

test("a connection without a message for too long is ended with 1001, and one message makes it last", async (t) => {
  const { socket } = await open(t, { idleMs: SECOND_MS });
  const since = performance.now();
  socket.send("hello");
  assert.equal(await closeCode(socket), 1001);
  assert(performance.now() - since >= SECOND_MS - 5);
});

test("a connection that is too old is ended with 1001, however busy it is", async (t) => {
  const { socket } = await open(t, { lifetimeMs: SECOND_MS });
  socket.on("message", (data) => socket.send(String(data)));
  socket.send("again");
  assert.equal(await closeCode(socket), 1001);
});

test("a handshake that the server refuses is refused to the client in the same words", async (t) => {
  const own = cleanup(t);
  const echo = own(await startEcho((_, answer) => answer(false, 403)));
  const proxy = own(await startLimits(echo.url));
  const socket = new WebSocket(proxy.url);
  socket.on("error", () => {});
  const [, { statusCode }] = await once(socket, "unexpected-response");
  socket.terminate();
  assert.equal(statusCode, 403);
});

test("in disorder everything arrives, in another order and some of it twice", async (t) => {
  const { proxy, socket } = await open(t);
  proxy.disorder(random(1));
  const heard = [];
  const said = Array.from({ length: 30 }, (_, n) => `message ${n}`);
  const all = new Promise((resolve) =>
    socket.on("message", (data) => heard.push(String(data)) && new Set(heard).size === said.length && resolve()),
  );
  for (const text of said) socket.send(text);
  await all;
  assert.notDeepEqual([...new Set(heard)], said);
  assert(heard.length > said.length);
});
