// The proxy of the tests fails as it is told to, and only then.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import test from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { startProxy } from "../e2e/lib/proxy.mjs";

async function echoThroughProxy(t) {
  const own = cleanup(t);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  own(server, () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data) => socket.send(data));
  });
  await once(server, "listening");
  const proxy = own(await startProxy(server.address().port));
  const connect = async () => {
    const socket = own(new WebSocket(proxy.url), () => socket.terminate());
    socket.on("error", () => {});
    await once(socket, "open");
    return socket;
  };
  return { proxy, server, connect };
}

async function echo(socket, data) {
  const answer = once(socket, "message");
  socket.send(data);
  const [echoed] = await answer;
  return echoed;
}

test("bytes get through in both directions and are counted", async (t) => {
  const { proxy, connect } = await echoThroughProxy(t);
  const socket = await connect();
  const sent = Buffer.alloc(3_000_000, 7);
  assert.deepEqual(await echo(socket, sent), sent);
  assert.equal(proxy.accepted, 1);
  assert(proxy.bytes.up > sent.length && proxy.bytes.down > sent.length);
});

test("a frame that is injected arrives as if the server had sent it, after what the server has sent", async (t) => {
  const { proxy, connect } = await echoThroughProxy(t);
  const socket = await connect();
  const read = [];
  const bothRead = new Promise((resolve) => {
    socket.on("message", (data) => read.push(String(data)) === 2 && resolve());
  });
  await echo(socket, "from the server");
  proxy.connections[0].inject(Buffer.from([0x81, 3, ...Buffer.from("not")]));
  await bothRead;
  assert.deepEqual(read, ["from the server", "not"]);
});

test("a clean end is passed on", async (t) => {
  const { proxy, server, connect } = await echoThroughProxy(t);
  const socket = await connect();
  const [atServer] = server.clients;
  const closed = once(proxy, "closed");
  const serverSaw = once(atServer, "close");
  socket.close(4000, "bye");
  const [code, reason] = await serverSaw;
  assert.deepEqual([code, String(reason)], [4000, "bye"]);
  await closed;
  assert.equal(proxy.connections.length, 0);
});

test("a cut resets both sides and lets the next connection through", async (t) => {
  const { proxy, server, connect } = await echoThroughProxy(t);
  const socket = await connect();
  const [atServer] = server.clients;
  const ends = Promise.all([once(socket, "close"), once(atServer, "close")]);
  proxy.cut();
  for (const [code] of await ends) assert.equal(code, 1006);
  assert.equal(String(await echo(await connect(), "again")), "again");
});

test("while it is down it refuses, and after the restore it does not", async (t) => {
  const { proxy, connect } = await echoThroughProxy(t);
  proxy.goDown();
  const refused = new WebSocket(proxy.url);
  await once(refused, "error");
  assert.equal(proxy.refused, 1);
  proxy.restore();
  assert.equal(String(await echo(await connect(), "back")), "back");
});

test("in a blackhole a connection stays open and silent, also after the restore", async (t) => {
  const { proxy, server, connect } = await echoThroughProxy(t);
  const socket = await connect();
  await echo(socket, "before");
  const passedOn = proxy.bytes.up;
  proxy.blackhole();
  const heard = [];
  socket.on("message", (data) => heard.push(String(data)));
  socket.send("lost");
  // Accepted by TCP, never answered: the handshake is still open when others are through.
  const pending = new WebSocket(proxy.url);
  pending.on("error", () => {});
  await once(proxy, "connection");

  proxy.restore();
  const fresh = await connect();
  assert.equal(String(await echo(fresh, "fresh")), "fresh");

  assert.equal(pending.readyState, WebSocket.CONNECTING);
  assert.equal(socket.readyState, WebSocket.OPEN);
  assert.equal(server.clients.size, 2);
  assert.deepEqual(heard, []);
  assert(proxy.bytes.up > passedOn);
  pending.terminate();
});

test("latency delays each byte and rate spreads them out", async (t) => {
  const { proxy, connect } = await echoThroughProxy(t);
  const socket = await connect();
  const time = async (data) => {
    const started = performance.now();
    await echo(socket, data);
    return performance.now() - started;
  };
  proxy.latency = 60;
  assert((await time("x")) >= 118, "60 ms each way");
  proxy.latency = 0;
  proxy.rate = 100_000;
  assert((await time(Buffer.alloc(20_000))) >= 390, "20 kB each way at 100 kB/s");
});

test("a dead server behind it looks like a dead server", async (t) => {
  const own = cleanup(t);
  const unused = net.createServer().listen(0, "127.0.0.1");
  await once(unused, "listening");
  const { port } = unused.address();
  unused.close();
  await once(unused, "close");
  const proxy = own(await startProxy(port));
  const socket = new WebSocket(proxy.url);
  const [error] = await once(socket, "error");
  assert.match(String(error), /ECONNRESET|socket hang up/);
});
