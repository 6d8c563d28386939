// What the torture suite does to Syncline, with short times: an edit that arrives damaged is fetched, echoes are not needed, what is
// dropped stays unsynced, what a server has forgotten is told again, and nobody is stormed.

import assert from "node:assert/strict";
import test from "node:test";
import { Front } from "../torture/lib/front.mjs";
import { ROWS } from "../torture/lib/rows.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { startScriptedServer } from "./lib/scripted-server.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { events, until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

const ROOM = "notes";
/** Asks for a sign of life, and with it for what is missing, at once. */
const IMPATIENT = { quietTimeout: 100, backoffBase: 20 };
/** A question of what the server has, by which it is asked for a sign of life too. */
const isQuestion = ({ data }) => data[0] === 0 && data[1] === 0;

/** A good server, and the door in front of it through which Syncline comes. */
async function setUp(t) {
  const own = cleanup(t);
  const server = own(await startScriptedServer());
  const front = own(new Front({ target: Number(new URL(server.url).port), speaks: "y-websocket" }));
  await front.listen();
  return { own, server, front };
}

for (const name of ["garbage", "truncated", "text"]) {
  const { title, fault } = ROWS.find((row) => row.name === name);
  test(`a server that ${title}: the edit is there all the same, and so is ours`, async (t) => {
    const { own, server, front } = await setUp(t);
    const other = own(await joinWithYjs(server.url, ROOM));
    const client = own(await joinWithSyncline(front.url, ROOM, IMPATIENT));
    await fault({ front, append: (words) => other.body.insert(0, words) });
    await until(() => client.body.length > 0, { sources: [client.news], state: () => client.doc.status });
    client.body.insert(client.body.length, "ours");
    await client.doc.saved();
    await other.shows("others. ours");
  });
}

test("where a server sends nothing back to its author, an edit is known to be saved over the same connection", async (t) => {
  const { own, server, front } = await setUp(t);
  const client = own(await joinWithSyncline(front.url, ROOM, IMPATIENT));
  front.dropEchoes();
  client.body.insert(0, "ours");
  await client.doc.saved();
  const questions = server.frames.filter(isQuestion).length;
  // It is asked again and again whether it lives, and it says so.
  await until(() => server.frames.filter(isQuestion).length > questions + 3, { sources: [events(server, "frame")] });
  assert.equal(server.connectionCount(), 1);
});

test("an edit that a server drops in silence stays unsynced however often it is asked, and arrives with the next connection", async (t) => {
  const { own, server, front } = await setUp(t);
  const client = own(await joinWithSyncline(front.url, ROOM, IMPATIENT));
  front.swallowEdits();
  client.body.insert(0, "ours");
  const questions = server.frames.filter(isQuestion).length;
  await until(() => server.frames.filter(isQuestion).length > questions + 3, { sources: [events(server, "frame")] });
  assert.equal(client.doc.status.unsynced, 4);
  assert.equal(client.doc.status.phase, "synced");
  front.passEdits();
  client.doc.reconnect();
  await client.doc.saved();
  const other = own(await joinWithYjs(server.url, ROOM));
  await other.shows("ours");
});

for (const code of [1012, 1013]) {
  test(`a server that accepts and then closes with ${code} is left alone for a while, however soon others are tried again`, async (t) => {
    const { own, front } = await setUp(t);
    front.treatment = { kind: "drop", code };
    const client = own(await joinWithSyncline(front.url, ROOM, { synced: false, backoffBase: 1 }));
    const { retryIn } = await client.status(({ phase }) => phase === "waiting");
    assert(retryIn > 100, `${retryIn} ms`);
  });
}

for (const code of [1008, 4401]) {
  test(`a server that closes with ${code} is asked no more, and what was edited is kept`, async (t) => {
    const { own, front } = await setUp(t);
    front.treatment = { kind: "drop", code };
    const client = own(await joinWithSyncline(front.url, ROOM, { synced: false }));
    client.body.insert(0, "ours");
    const { reason, unsynced } = await client.status(({ phase }) => phase === "stopped");
    assert.deepEqual([reason.code, reason.closeCode, unsynced], ["server-refused", code, 4]);
  });
}

const SILENCES = {
  "is mute from the start": { strike: (front) => (front.treatment = { kind: "mute" }), synced: false },
  "falls mute": { strike: (front) => front.mute(), synced: true },
  "goes half-open": { strike: (front) => front.goHalfOpen(), synced: true },
};

for (const [what, { strike, synced }] of Object.entries(SILENCES)) {
  test(`a connection that ${what} is left for a new one, over which the edit arrives`, async (t) => {
    const { own, server, front } = await setUp(t);
    if (!synced) strike(front);
    const options = { quietTimeout: 100, answerTimeout: 400, backoffBase: 20 };
    const client = own(await joinWithSyncline(front.url, ROOM, { ...options, synced }));
    if (synced) strike(front);
    client.body.insert(0, "ours");
    await client.status(({ reason }) => reason?.code === "silent");
    front.treatment = { kind: "pass" };
    await client.doc.saved();
    const other = own(await joinWithYjs(server.url, ROOM));
    await other.shows("ours");
  });
}
