// Whatever a server sends or an application asks for: there is a reason, the document stays usable, and nothing is lost.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { openBarePage, visitBarePage } from "./lib/bare-page.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startScriptedServer } from "./lib/scripted-server.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

/** How long 200 MB may take on a busy machine. */
const PATIENCE_MS = 180_000;

const GARBAGE = 4900;
const TOO_LARGE = 4901;
const ABNORMAL = 1006;

let pages;
let browser;

before(async () => {
  pages = await servePages();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** What the first connection gets, how the status tells it, and the close code with which the server sees it end. */
const MISBEHAVIOUR = [
  { what: "garbage bytes", send: (socket) => socket.send(Buffer.alloc(64, 0xff)), reason: "bad-frame", code: GARBAGE },
  {
    what: "a message that is cut short",
    send: (socket) => socket.send(Buffer.from([0, 2, 100, 1, 1])),
    reason: "bad-frame",
    code: GARBAGE,
  },
  {
    what: "a frame of 200 MB",
    send: (socket) => socket.send(Buffer.alloc(200_000_000)),
    reason: "frame-too-large",
    code: TOO_LARGE,
  },
  {
    what: "a frame that ends with its connection",
    send: ({ _socket: tcp }) => tcp.write(Buffer.from([0x82, 100, 0, 2, 97, 1]), () => tcp.destroy()),
    reason: "closed",
    code: ABNORMAL,
  },
];

for (const { what, send, reason, code } of MISBEHAVIOUR) {
  test(`after ${what} the document is usable and the next connection carries its edits`, async (t) => {
    const own = cleanup(t);
    const server = own(await startScriptedServer([send]));
    const person = own(await openBarePage(browser, pages, server.url, "notes", { connect: false, quietTimeout: PATIENCE_MS }));
    await person.run(() => {
      window.body.insert(0, "from before, ");
      window.doc.connect();
    });
    const isTold = (wanted) => window.statuses.some((status) => status.reason?.code === wanted);
    await person.until(isTold, reason, PATIENCE_MS);
    const told = await person.run(() => window.statuses.find((status) => status.reason !== undefined));
    assert.equal(told.reason.code, reason);
    assert(told.reason.message.length > 0);

    await person.run(() => window.body.insert(window.body.length, "still here"));
    await person.run(() => window.doc.saved());
    const witness = own(await joinWithYjs(server.url, "notes"));
    await witness.shows("from before, still here");
    assert.equal(server.departures.find(({ connection }) => connection === 0).code, code);
    assert.deepEqual(person.errors, []);
  });
}

/** What is refused by itself, while the connection that brought it goes on. */
const PASSED_OVER = [
  { what: "a text frame", send: (socket) => socket.send("hello"), problem: "text-frame" },
  {
    what: "an update that is none, in a message that is one",
    send: (socket) => socket.send(Buffer.from([0, 2, 5, 0xff, 0xff, 0xff, 0xff, 0xff])),
    problem: "bad-update",
  },
];

for (const { what, send, problem } of PASSED_OVER) {
  test(`${what} is told as a problem and the connection goes on`, async (t) => {
    const own = cleanup(t);
    const server = own(await startScriptedServer([(socket, serveWell) => (serveWell(), send(socket))]));
    const person = own(await openBarePage(browser, pages, server.url, "notes"));
    await person.until((wanted) => window.problems.some(({ code }) => code === wanted), problem);
    await person.untilPhase("synced");
    await person.run(() => window.body.insert(0, "still here"));
    await person.run(() => window.doc.saved());
    const witness = own(await joinWithYjs(server.url, "notes"));
    await witness.shows("still here");
    assert.equal(server.departures.length, 0);
    assert.deepEqual(person.errors, []);
  });
}

test("a server that denies access in words of the protocol stops the connection", async (t) => {
  const own = cleanup(t);
  const server = own(await startScriptedServer([(socket) => socket.send(Buffer.from([2, 0, 2, 110, 111]))]));
  const person = own(await openBarePage(browser, pages, server.url, "notes"));
  await person.untilPhase("stopped");
  const { reason } = await person.status();
  assert.equal(reason.code, "denied");
  assert.match(reason.message, /: no$/);
  await person.run(() => window.body.insert(0, "kept"));
  await person.run(() => window.doc.connect());
  await person.run(() => window.doc.saved());
  assert.equal(server.connectionCount(), 2);
});

test("a server that refuses for good stops the connection until the application asks again", async (t) => {
  const own = cleanup(t);
  const server = own(await startScriptedServer([(socket) => socket.close(4403, "not yours")]));
  const person = own(await openBarePage(browser, pages, server.url, "notes"));
  await person.untilPhase("stopped");
  const { reason } = await person.status();
  assert.deepEqual([reason.code, reason.closeCode], ["server-refused", 4403]);
  assert.match(reason.message, /not yours/);

  await person.run(() => window.body.insert(0, "kept"));
  assert.equal(await person.run(() => window.codeOf(() => window.doc.saved())), "stopped");
  assert.equal(server.connectionCount(), 1);
  await person.run(() => window.doc.reconnect());
  await person.run(() => window.doc.saved());
});

test("a presence state that is nested too deeply is not shown, and nobody loses the connection over it", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const person = own(await openBarePage(browser, pages, server.url, "notes"));
  await person.untilPhase("synced");
  const hostile = own(await joinWithYjs(server.url, "notes"));
  const show = (state) => hostile.provider.awareness.setLocalState(state);
  const id = hostile.doc.clientID;
  const isSeen = ([id, name]) => window.doc.presence.states.get(id)?.name === name;

  show({ name: "Eve" });
  await person.until(isSeen, [id, "Eve"]);
  show({ name: "Eve", deep: JSON.parse("[".repeat(65) + "]".repeat(65)) });
  await person.until((id) => !window.doc.presence.states.has(id), id);
  const newcomer = own(await openBarePage(browser, pages, server.url, "notes"));
  await newcomer.untilPhase("synced");
  await newcomer.run(() => window.body.insert(0, "still here"));
  await person.untilText("still here");
  show({ name: "Eve, in reason" });
  for (const other of [person, newcomer]) {
    await other.until(isSeen, [id, "Eve, in reason"]);
    assert.deepEqual(await other.run(() => window.statuses.filter(({ reason }) => reason !== undefined)), []);
    assert.deepEqual(other.errors, []);
  }
});

test("a message of an unknown type is passed over", async (t) => {
  const own = cleanup(t);
  const server = own(await startScriptedServer());
  const person = own(await openBarePage(browser, pages, server.url, "notes"));
  await person.untilPhase("synced");
  for (const socket of server.sockets) socket.send(Buffer.from([77, 1, 2, 3]));
  await person.run(() => window.body.insert(0, "x"));
  await person.run(() => window.doc.saved());
  assert.equal(server.connectionCount(), 1);
});

test("without a server the status says why, and the edits arrive when there is one", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  await server.kill();
  const person = own(await openBarePage(browser, pages, server.url, "notes"));
  await person.untilPhase("waiting");
  const { reason, retryIn, attempt } = await person.status();
  assert.equal(reason.code, "unreachable");
  assert(retryIn >= 0 && attempt >= 1);
  await person.run(() => window.body.insert(0, "early"));

  await server.start();
  await person.run(() => window.doc.saved());
  const witness = own(await joinWithYjs(server.url, "notes"));
  await witness.shows("early");
});

test("a server that accepts and then says nothing is given up in time", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  proxy.blackhole();
  const person = own(await openBarePage(browser, pages, proxy.url, "notes", { connectTimeout: 200, backoffCap: 100 }));
  await person.run(() => window.body.insert(0, "early"));
  await person.until(() => window.doc.status.reason?.code === "connect-timeout");
  assert((await person.status()).unsynced > 0);
  proxy.restore();
  await person.run(() => window.doc.saved());
  const witness = own(await joinWithYjs(server.url, "notes"));
  await witness.shows("early");
  assert.deepEqual(person.errors, []);
});

test("what an application gets wrong is an error with a code, and changes nothing", async (t) => {
  const own = cleanup(t);
  const person = own(await visitBarePage(browser, pages));
  const codeOfOpen = (...args) => person.run((args) => window.codeOf(() => window.syncline.open(...args)), args);
  const urls = ["", "not a url", "ftp://127.0.0.1/", "ws://", "ws://127.0.0.1:99999", "ws://a b/", "ws://[::1", "//host"];
  for (const url of urls) {
    assert.equal(await codeOfOpen(url, "room"), "bad-url", url);
  }
  assert.equal(await codeOfOpen("ws://127.0.0.1:1", "room", { conectTimeout: 5 }), "bad-option");
  assert.equal(await codeOfOpen("ws://127.0.0.1:1", "room", { connectTimeout: -5 }), "bad-option");

  await person.run(() => window.openDoc("ws://127.0.0.1:1", "room", { connect: false }));
  const codes = await person.run(async () => {
    window.body.insert(0, "a😀b");
    return {
      beyond: await window.codeOf(() => window.body.insert(5, "x")),
      negative: await window.codeOf(() => window.body.insert(-1, "x")),
      fraction: await window.codeOf(() => window.body.insert(0.5, "x")),
      tooLong: await window.codeOf(() => window.body.delete(1, 4)),
      halfAnEmoji: await window.codeOf(() => window.body.insert(2, "x")),
      otherKind: await window.codeOf(() => window.doc.map("body")),
      beyondTheList: await window.codeOf(() => window.doc.list("todos").insert(1, "x")),
      notInTheList: await window.codeOf(() => window.doc.list("todos").delete(0, 1)),
      deltaTooLong: await window.codeOf(() => window.body.applyDelta([{ retain: 5 }, { insert: "x" }])),
      notAValue: await window.codeOf(() => window.doc.map("meta").set("f", () => {})),
      notAnUpdate: await window.codeOf(() => window.doc.applyUpdate(new Uint8Array([1, 2, 3]))),
    };
  });
  assert.deepEqual(codes, {
    beyond: "out-of-range",
    negative: "out-of-range",
    fraction: "out-of-range",
    tooLong: "out-of-range",
    halfAnEmoji: "split-surrogate",
    otherKind: "wrong-kind",
    beyondTheList: "out-of-range",
    notInTheList: "out-of-range",
    deltaTooLong: "out-of-range",
    notAValue: "bad-value",
    notAnUpdate: "bad-update",
  });
  assert.equal(await person.text(), "a😀b");

  const afterClose = await person.run(async () => {
    await window.doc.close();
    return [await window.codeOf(() => window.body.insert(0, "x")), await window.codeOf(() => window.doc.text("body"))];
  });
  assert.deepEqual(afterClose, ["closed", "closed"]);
  assert.deepEqual(person.errors, []);
});
