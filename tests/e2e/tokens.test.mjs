// Tokens that a function brings: when it is asked, what a refusal means, and that no token is shown to anybody.

import assert from "node:assert/strict";
import test from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { startHocuspocus } from "./lib/hocuspocus.mjs";
import { joinWithSyncline } from "./lib/syncline-client.mjs";
import { startTokenServer } from "./lib/token-server.mjs";

const QUICK = { backoffBase: 1, backoffCap: 20 };

/** A token function that brings these in turn, and the last one from then on; an error is thrown. */
function bringing(...answers) {
  const bring = async () => {
    bring.calls += 1;
    const answer = answers[Math.min(bring.calls, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return Object.assign(bring, { calls: 0 });
}

test("a token that is refused in the handshake is asked for anew, and only the good one opens", async (t) => {
  const own = cleanup(t);
  const server = own(await startTokenServer());
  const token = bringing("stale", "good");
  own(await joinWithSyncline(server.url, "room", { token, ...QUICK }));
  assert.deepEqual([token.calls, server.seen], [2, ["stale", "good"]]);
});

test("a server that is away does not have the function asked for every attempt", async (t) => {
  const own = cleanup(t);
  const server = own(await startTokenServer());
  server.accepted = "nobody has this";
  const token = bringing("good");
  const client = own(await joinWithSyncline(server.url, "room", { token, ...QUICK, synced: false }));
  await client.status(({ attempt }) => attempt >= 20);
  assert.equal(token.calls, 2);
  server.accepted = "good";
  await client.status(({ phase }) => phase === "synced");
});

test("a refusal by close code is answered with one more question, and then it is final", async (t) => {
  const own = cleanup(t);
  const server = own(await startTokenServer({ refusal: 4401 }));
  const token = bringing("bad-secret-1", "bad-secret-2");
  const client = own(await joinWithSyncline(server.url, "room", { token, ...QUICK, synced: false }));
  const { reason } = await client.status(({ phase }) => phase === "stopped");
  assert.equal(token.calls, 2);
  assert.deepEqual(server.seen, ["bad-secret-1", "bad-secret-2"]);
  assert.deepEqual([reason.code, reason.closeCode], ["server-refused", 4401]);
  assert.doesNotMatch(JSON.stringify(client.doc.status), /bad-secret/, "the token was shown");
  client.body.insert(0, "still mine");
  server.accepted = "bad-secret-2";
  client.doc.connect();
  await client.doc.saved();
});

test("a token that is refused once and good the second time needs nobody's help", async (t) => {
  const own = cleanup(t);
  const server = own(await startTokenServer({ refusal: 4403 }));
  const token = bringing("old", "good");
  own(await joinWithSyncline(server.url, "room", { token, ...QUICK }));
  assert.deepEqual([token.calls, server.seen], [2, ["old", "good"]]);
});

test("a function that fails is not a refusal: it is asked again until it brings one", async (t) => {
  const own = cleanup(t);
  const server = own(await startTokenServer());
  const token = bringing(new Error("the session is over"), new Error("the session is over"), "good");
  const client = own(await joinWithSyncline(server.url, "room", { token, ...QUICK, synced: false }));
  const { reason } = await client.status(({ phase }) => phase === "waiting");
  assert.equal(reason.code, "token-unavailable");
  assert.match(reason.message, /the session is over/);
  await client.status(({ phase }) => phase === "synced");
  assert.deepEqual([token.calls, server.seen], [3, ["good"]]);
});

test("a token is asked for once while it is good, however often the connection is lost", async (t) => {
  const own = cleanup(t);
  const server = own(await startTokenServer());
  const token = bringing({ token: "good", expiresIn: 600_000 });
  const client = own(await joinWithSyncline(server.url, "room", { token, ...QUICK }));
  for (let round = 0; round < 3; round += 1) {
    server.dropAll();
    await client.status(({ phase }) => phase !== "synced");
    await client.status(({ phase }) => phase === "synced");
  }
  assert.equal(token.calls, 1);
});

test("a token can travel as a subprotocol", async (t) => {
  const own = cleanup(t);
  const server = own(await startTokenServer());
  const client = own(await joinWithSyncline(server.url, "room", { token: bringing("good"), tokenIn: "protocol" }));
  assert.equal(client.doc.status.phase, "synced");
});

test("Hocuspocus is told another token when it refuses the first, and documents beside it notice nothing", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const beside = own(await joinWithSyncline(server.url, "beside", { protocol: "hocuspocus" }));
  const token = bringing("bad", "ok");
  own(await joinWithSyncline(server.url, "room", { protocol: "hocuspocus", token }));
  assert.deepEqual([token.calls, beside.doc.status.phase, server.sockets()], [2, "synced", 1]);
});

test("Hocuspocus that refuses twice has refused for good", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const token = bringing("bad");
  const client = own(await joinWithSyncline(server.url, "room", { protocol: "hocuspocus", token, synced: false }));
  const { reason } = await client.status(({ phase }) => phase === "stopped");
  assert.deepEqual([reason.code, token.calls], ["denied", 2]);
});

test("a Hocuspocus document whose token function fails waits, and one beside it is served", async (t) => {
  const own = cleanup(t);
  const server = own(await startHocuspocus());
  const beside = own(await joinWithSyncline(server.url, "beside", { protocol: "hocuspocus", ...QUICK }));
  const token = bringing(new Error("offline"), "ok");
  const client = own(await joinWithSyncline(server.url, "room", { protocol: "hocuspocus", token, ...QUICK, synced: false }));
  const { reason } = await client.status(({ phase }) => phase === "waiting");
  assert.equal(reason.code, "token-unavailable");
  await client.status(({ phase }) => phase === "synced");
  assert.deepEqual([beside.doc.status.phase, server.sockets()], ["synced", 1]);
});
