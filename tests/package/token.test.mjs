// What a token function may answer, and what the wasm is told of it.

import assert from "node:assert/strict";
import { after, before, mock, test } from "node:test";
import { importBuilt } from "./helpers/built.mjs";
import { fakeRaw } from "./helpers/fake-raw.mjs";

const { Doc } = await importBuilt("doc.js");
const NOW = 1_700_000_000_000;

before(() => mock.timers.enable({ apis: ["Date"], now: NOW }));
after(() => mock.timers.reset());

/** Opens a document and returns the options as the wasm got them. */
function handedOver(options) {
  const fake = fakeRaw();
  new Doc(fake.raw, "ws://127.0.0.1", "room", options);
  return fake.calls.find(([name]) => name === "docOpen")[3];
}

/** What the wasm hears when it asks for a token and the application's function answers this. */
const ask = (answer) => handedOver({ token: () => answer }).token();

const part = (claims) => Buffer.from(typeof claims === "string" ? claims : JSON.stringify(claims)).toString("base64url");
const jwt = (claims) => `${part({ alg: "HS256" })}.${part(claims)}.c2ln`;
const seconds = NOW / 1000;

test("options without a token function are handed over as they are", () => {
  assert.equal(handedOver(undefined), undefined);
  for (const options of [{}, { token: "x" }, { token: undefined }, { token: 5 }]) {
    assert.equal(handedOver(options), options);
  }
});

test("a token function is replaced, and the options of the application stay as they are", async () => {
  const options = { token: () => "x", connect: false };
  const given = handedOver(options);
  assert.equal(given.connect, false);
  assert.notEqual(given.token, options.token);
  assert.deepEqual(await given.token(), { token: "x" });
  assert.equal(options.token(), "x");
});

test("a token is read from a text, an object and a promise of either", async () => {
  assert.deepEqual(await ask("x"), { token: "x" });
  assert.deepEqual(await ask({ token: "x" }), { token: "x" });
  assert.deepEqual(await ask(Promise.resolve("x")), { token: "x" });
  assert.deepEqual(await ask(Promise.resolve({ token: "x", expiresIn: 5 })), { token: "x", expiresIn: 5 });
  assert.deepEqual(await ask({ token: "x", expiresIn: 0, more: true }), { token: "x", expiresIn: 0 });
});

test("a JSON Web Token says itself how long it is valid", async () => {
  const lifetimes = [
    [{ exp: seconds + 600 }, 600_000],
    [{ exp: seconds + 600, iat: seconds }, 600_000],
    [{ exp: seconds + 0.5 }, 500],
    // This clock is an hour behind, and an hour ahead.
    [{ exp: seconds + 4200, iat: seconds + 3600 }, 600_000],
    [{ exp: seconds - 3000, iat: seconds - 3600 }, 0],
    [{ exp: seconds - 1 }, 0],
    [{ exp: seconds + 600, iat: "yesterday", name: "Zoë 👍" }, 600_000],
  ];
  for (const [claims, expiresIn] of lifetimes) {
    const token = jwt(claims);
    assert.deepEqual(await ask(token), { token, expiresIn }, JSON.stringify(claims));
  }
});

test("what the function says about the lifetime counts more", async () => {
  const token = jwt({ exp: seconds + 600 });
  assert.deepEqual(await ask({ token, expiresIn: 1000 }), { token, expiresIn: 1000 });
});

test("what is no JSON Web Token with an expiry is a token all the same", async () => {
  const texts = ["a.b", "..", "a.b.c", "é.ü.ö", jwt("no json"), jwt([]), jwt("null"), jwt({}), jwt({ exp: "5" }), jwt({ exp: null })];
  for (const token of texts) assert.deepEqual(await ask(token), { token }, token);
});

test("an answer that is no token is refused without being shown", async () => {
  const secret = "hunter22";
  const answers = [
    [undefined, "gave undefined instead of a token"],
    [null, "gave null instead of a token"],
    [5, "gave number instead of a token"],
    [[secret], "gave an array instead of a token"],
    [{ value: secret }, "gave undefined instead of a token"],
    [{ token: { value: secret } }, "gave object instead of a token"],
    ["", "gave an empty token"],
    [{ token: secret, expiresIn: -1 }, "gave an expiresIn that is no number of milliseconds from 0"],
    [{ token: secret, expiresIn: NaN }, "gave an expiresIn that is no number of milliseconds from 0"],
    [{ token: secret, expiresIn: "soon" }, "gave an expiresIn that is no number of milliseconds from 0"],
  ];
  for (const [answer, what] of answers) {
    await assert.rejects(ask(answer), { name: "SynclineError", code: "bad-value", message: `the token function ${what}` });
  }
});

test("a function that throws or rejects is a rejection with its own reason", async () => {
  const cause = new Error("offline");
  await assert.rejects(ask(Promise.reject(cause)), cause);
  const thrower = () => {
    throw cause;
  };
  await assert.rejects(handedOver({ token: thrower }).token(), cause);
});
