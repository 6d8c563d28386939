// Who is let into a room of examples/serverless, and how the token gets there.

import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { checkToken, signToken } from "../../examples/serverless/src/token.mjs";
import { fresh, SECRET, startHandlers } from "./lib/serverless-handlers.mjs";

const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600;

let aws;

before(async () => (aws = await startHandlers()));
after(() => aws?.close());

const header = (alg) => Buffer.from(JSON.stringify({ alg, typ: "JWT" })).toString("base64url");
const valid = signToken({ room: "notes", exp: IN_AN_HOUR }, SECRET);
const VERDICTS = [
  { what: "a valid one", token: valid, verdict: { access: "read-write" } },
  {
    what: "one that may read",
    token: signToken({ room: "notes", exp: IN_AN_HOUR, access: "read-only" }, SECRET),
    verdict: { access: "read-only" },
  },
  { what: "none", token: undefined, verdict: { refused: 401 } },
  { what: "one that is no JWT", token: "abc", verdict: { refused: 401 } },
  { what: "one with a part too many", token: `${valid}.x`, verdict: { refused: 401 } },
  { what: "one without an end", token: signToken({ room: "notes" }, SECRET), verdict: { refused: 401 } },
  { what: "an expired one", token: signToken({ room: "notes", exp: 1 }, SECRET), verdict: { refused: 401 } },
  {
    what: "one for later",
    token: signToken({ room: "notes", exp: IN_AN_HOUR, nbf: IN_AN_HOUR - 1 }, SECRET),
    verdict: { refused: 401 },
  },
  {
    what: "one of another secret",
    token: signToken({ room: "notes", exp: IN_AN_HOUR }, "another secret of 16"),
    verdict: { refused: 401 },
  },
  { what: "an unsigned one", token: `${header("none")}.${valid.split(".")[1]}.`, verdict: { refused: 401 } },
  { what: "one that says null", token: signToken(null, SECRET), verdict: { refused: 401 } },
  { what: "one for another room", token: signToken({ room: "other", exp: IN_AN_HOUR }, SECRET), verdict: { refused: 403 } },
  {
    what: "one with a right that there is not",
    token: signToken({ room: "notes", exp: IN_AN_HOUR, access: "all" }, SECRET),
    verdict: { refused: 403 },
  },
];

for (const { what, token, verdict } of VERDICTS) {
  test(`a token: ${what}`, () => assert.deepEqual(checkToken(token, "notes", SECRET), verdict));
}

test("without a secret nobody gets in", async () => {
  assert.throws(() => checkToken(valid, "notes", ""), /TOKEN_SECRET/);
  assert.throws(() => checkToken(valid, "notes", undefined), /TOKEN_SECRET/);
});

test("a token comes in the query or as the last subprotocol, and the first one is chosen", async () => {
  const room = fresh("room");
  const token = signToken({ room, exp: IN_AN_HOUR }, SECRET);
  const connect = (query, headers) => aws.connect(fresh("connection"), { queryStringParameters: query, headers });
  assert.equal((await connect({ room, token }, undefined)).statusCode, 200);
  assert.deepEqual(await connect({ room }, { "sec-websocket-protocol": `syncline, ${token}` }), {
    statusCode: 200,
    headers: { "Sec-WebSocket-Protocol": "syncline" },
  });
  assert.equal((await connect({ room }, {})).statusCode, 401);
  assert.equal((await connect({ room: "other", token }, {})).statusCode, 403);
  assert.equal((await connect({ token }, {})).statusCode, 400);
  assert.equal((await connect({ room: "x".repeat(1_025), token }, {})).statusCode, 400);
  assert.equal((await connect(undefined, undefined)).statusCode, 400);
});
