// The real server and the real y-websocket client work in the surroundings of the tests, without Syncline.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { freePort } from "../../scripts/lib/ports.mjs";
import { keepYServerRunning } from "../../scripts/lib/y-server-keeper.mjs";
import { cleanup } from "../e2e/lib/cleanup.mjs";
import { startProxy } from "../e2e/lib/proxy.mjs";
import { startScriptedServer } from "../e2e/lib/scripted-server.mjs";
import { startServer } from "../e2e/lib/server.mjs";
import { events, until } from "../e2e/lib/until.mjs";
import { joinWithYjs } from "../e2e/lib/yjs-client.mjs";
import { untilInFile } from "../servers/lib/on-disk.mjs";

test("two y-websocket clients meet again after the network was down", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const [a, b] = [own(await joinWithYjs(proxy.url, "room")), own(await joinWithYjs(proxy.url, "room"))];
  proxy.goDown();
  a.body.insert(0, "from a");
  b.body.insert(0, "from b");
  proxy.restore();
  const bothHaveAll = () => a.body.length === 12 && a.body.toString() === b.body.toString();
  await until(bothHaveAll, { sources: [a.news, b.news], state: () => [a.body.toString(), b.body.toString()] });
});

test("documents survive a server that is killed", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const everyoneLeft = () => until(() => proxy.connections.length === 0, { sources: [events(proxy, "closed")] });
  const joinAndRead = async () => {
    const reader = await joinWithYjs(proxy.url, "room");
    await until(() => reader.body.toString() === "kept", { sources: [reader.news], state: () => reader.body.toString() });
    reader.close();
    await everyoneLeft();
  };
  const writer = await joinWithYjs(proxy.url, "room");
  writer.body.insert(0, "kept");
  // A room that is opened while the server still writes what others left is read without it.
  await untilInFile(server.dataDir, /\.(log|ldb)$/, "kept");
  writer.close();
  await everyoneLeft();
  // The server forgets a document that nobody has open, so this is read from the database: it is written.
  await joinAndRead();
  await server.restart();
  await joinAndRead();
});

test("the scripted server serves like the real one when its scripts are used up", async (t) => {
  const own = cleanup(t);
  const server = own(await startScriptedServer([(socket) => socket.close(1011, "first")]));
  const client = own(await joinWithYjs(server.url, "room"));
  client.body.insert(0, "x");
  assert.equal(server.connectionCount(), 2);
  assert.deepEqual(server.departures, [{ connection: 0, code: 1011, reason: "first" }]);
});

/** A folder for documents, and a log that collects lines and failures. */
async function keeperSurroundings(own) {
  const dataDir = await mkdtemp(path.join(tmpdir(), "syncline-keeper-"));
  own(dataDir, () => rm(dataDir, { recursive: true, force: true }));
  const news = new EventEmitter();
  const options = async () => ({
    port: await freePort(),
    dataDir,
    log: { info: (line) => news.emit("line", line) },
    fail: (problem) => news.emit("failed", problem),
  });
  return { news, options };
}

test("a crashed server of the demo is started again on its port, and that is said", async (t) => {
  const own = cleanup(t);
  const { news, options } = await keeperSurroundings(own);
  const keeper = own(await keepYServerRunning(await options()), () => keeper.stop());
  const client = own(await joinWithYjs(keeper.url, "room"));
  const said = once(news, "line");
  process.kill(keeper.pid, "SIGKILL");
  assert.deepEqual(await said, ["The y-websocket server ended (SIGKILL); it is started again."]);
  client.body.insert(0, "x");
  const second = own(await joinWithYjs(keeper.url, "room"));
  await until(() => second.body.toString() === "x", { sources: [second.news, client.news] });
});

test("two servers on the same documents are refused with what to do", async (t) => {
  const own = cleanup(t);
  const { news, options } = await keeperSurroundings(own);
  const first = own(await keepYServerRunning(await options()), () => first.stop());
  const failed = once(news, "failed");
  // Its start may succeed: the server opens its database after it listens.
  const second = keepYServerRunning(await options()).then(
    (keeper) => own(keeper, () => keeper.stop()),
    (problem) => news.emit("failed", problem),
  );
  const [problem] = await failed;
  assert.match(problem.message, /^The documents are in use by another y-websocket server: end the other/);
  await second;
});
