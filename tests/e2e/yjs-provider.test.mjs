// What apps do with the provider of y-websocket, with that of Syncline in its place: only the import differs.

import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { WebsocketProvider as OriginalProvider } from "y-websocket";
import * as Y from "yjs";
import { cleanup } from "./lib/cleanup.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { loadSyncline } from "./lib/syncline-client.mjs";
import { events, until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const { WebsocketProvider } = await loadSyncline("./yjs");
const NODE = { WebSocketPolyfill: WebSocket, disableBc: true };

for (const [name, Provider] of [["y-websocket", OriginalProvider], ["Syncline", WebsocketProvider]]) {
  test(`an app that was written for y-websocket runs with the provider of ${name}`, async (t) => {
    const own = cleanup(t);
    const server = own(await startServer());
    const proxy = own(await startProxy(server.url));
    const other = own(await joinWithYjs(server.url, "room"));
    other.body.insert(0, "theirs");
    other.provider.awareness.setLocalState({ name: "bob" });

    const ydoc = ownDoc(own);
    const options = { ...NODE, maxBackoffTime: 300, params: { some: "thing" } };
    const provider = own(new Provider(proxy.url, "room", ydoc, options), () => provider.destroy());
    const told = [];
    provider.on("status", ({ status }) => told.push(status));
    provider.on("sync", (isSynced) => told.push(isSynced));
    const closes = [];
    provider.on("connection-close", (event, from) => closes.push(from === provider && (event === null || typeof event.code)));
    const errors = [];
    provider.on("connection-error", (_, from) => errors.push(from === provider));
    const first = [];
    provider.once("synced", (isSynced) => first.push(isSynced, ydoc.getText("body").toString()));
    const news = (listener) => {
      const ofProvider = events(provider, "status", "sync", "connection-error");
      const sources = [ofProvider, events(ydoc, "update"), events(provider.awareness, "update")];
      const ends = sources.map((source) => source(listener));
      return () => ends.forEach((end) => end());
    };
    const when = (condition) => until(condition, { sources: [news, other.news], state: () => told });

    assert.equal(provider.shouldConnect, true);
    assert.equal(provider.url, `${proxy.url}/room?some=thing`);
    assert.deepEqual([provider.roomname, provider.doc], ["room", ydoc]);
    await when(() => provider.synced && provider.wsconnected);
    assert.deepEqual(first, [true, "theirs"], "what the server has is there when it is said");
    await when(() => [...provider.awareness.getStates().values()].some(({ name }) => name === "bob"));
    provider.awareness.setLocalStateField("name", "ada");
    const seesAda = () => [...other.provider.awareness.getStates().values()].some(({ name }) => name === "ada");
    await until(seesAda, { sources: [events(other.provider.awareness, "update")] });

    const origins = new Set();
    ydoc.on("update", (_, origin) => origins.add(origin));
    other.body.insert(6, "!");
    await when(() => ydoc.getText("body").toString() === "theirs!");
    assert.deepEqual([...origins], [provider]);

    await proxy.goDown();
    await when(() => !provider.wsconnected && errors.length > 0);
    assert.equal(provider.awareness.getStates().size, 1, "who is not connected sees nobody else");
    assert(closes.length > 0 && closes.every((close) => close === true || close === "number"));
    ydoc.getText("body").insert(7, " ours");
    proxy.restore();
    await when(() => provider.synced && other.body.toString() === "theirs! ours");

    provider.disconnect();
    await when(() => !provider.wsconnected && !provider.synced);
    assert.equal(provider.shouldConnect, false);
    await until(() => !seesAda(), { sources: [events(other.provider.awareness, "update")] });
    await when(() => provider.awareness.getStates().size === 1);
    assert.deepEqual(provider.awareness.getLocalState(), { name: "ada" }, "others go, the own state stays");
    provider.connect();
    await when(() => provider.synced);
    await until(seesAda, { sources: [events(other.provider.awareness, "update")] });

    const atFirst = told.slice(0, told.indexOf("disconnected") + 1);
    assert.deepEqual(atFirst.slice(-4), ["connected", true, false, "disconnected"]);
    provider.destroy();
    assert.equal(provider.wsconnected, false);
    ydoc.getText("body").insert(0, "alone ");
    assert.equal(other.body.toString(), "theirs! ours");
  });
}

test("nothing is opened before connect is called", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const ydoc = ownDoc(own);
  const provider = own(new WebsocketProvider(server.url, "room", ydoc, { ...NODE, connect: false }), () => provider.destroy());
  const doc = await provider.opened;
  assert.deepEqual([provider.wsconnected, provider.wsconnecting, doc.status.phase], [false, false, "disconnected"]);
  provider.connect();
  await until(() => provider.synced, { sources: [events(provider, "sync")] });
  ydoc.getText("body").insert(0, "x");
  await doc.saved();
});

test("a server that does not want the provider back is not asked again, until the app says so", async (t) => {
  const own = cleanup(t);
  const server = own(new WebSocketServer({ port: 0, host: "127.0.0.1" }));
  await once(server, "listening");
  const visits = [];
  server.on("connection", (socket) => {
    visits.push(socket);
    socket.close(4403, "not for you");
  });
  const address = `http://127.0.0.1:${server.address().port}/`;
  const provider = own(new WebsocketProvider(address, "room", ownDoc(own), NODE), () => provider.destroy());
  const closed = () => new Promise((resolve) => provider.once("closed", (event, from) => resolve([event.code, from])));
  assert.deepEqual(await closed(), [4403, provider]);
  assert.deepEqual([provider.shouldConnect, visits.length], [false, 1]);
  provider.connect();
  await closed();
  assert.equal(visits.length, 2);
});

test("the provider ends with the Y.Doc, and one that is destroyed at once connects never", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const ydoc = ownDoc(own);
  const provider = new WebsocketProvider(server.url, "room", ydoc, NODE);
  const doc = await provider.opened;
  ydoc.destroy();
  assert.equal(doc.status.phase, "closed");

  const hasty = new WebsocketProvider(server.url, "room", ownDoc(own), NODE);
  hasty.destroy();
  assert.equal((await hasty.opened).status.phase, "closed");
});

test("what cannot be honoured is refused, and what open refuses is told", async (t) => {
  const own = cleanup(t);
  const make = (options) => new WebsocketProvider("ws://127.0.0.1:1", "room", ownDoc(own), { ...NODE, ...options });
  assert.throws(() => make({ shouldReconnect: () => true }), { code: "bad-option" });
  const refused = make({ syncline: { stroe: true } });
  await assert.rejects(refused.opened, { code: "bad-option" });
  refused.destroy();
});

/** A Y.Doc that is destroyed after the test: until then its awareness has a timer. */
function ownDoc(own) {
  const ydoc = new Y.Doc();
  return own(ydoc, () => ydoc.destroy());
}
