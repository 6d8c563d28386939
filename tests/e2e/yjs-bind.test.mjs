// A Y.Doc that is bound to a document of Syncline, beside the real client of Yjs, over the real server.

import assert from "node:assert/strict";
import test from "node:test";
import * as Y from "yjs";
import { joinWithBound } from "./lib/bound-client.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { normalized } from "./lib/random-edits.mjs";
import { random, seeds } from "./lib/random.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithSyncline, loadSyncline } from "./lib/syncline-client.mjs";
import { events, until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

test("what both have before is in both after", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const first = own(await joinWithYjs(server.url, "room"));
  first.body.insert(0, "theirs");
  const ydoc = new Y.Doc();
  ydoc.getText("other").insert(0, "ours");
  const bound = own(await joinWithBound(server.url, "room", { ydoc }));
  await bound.shows("theirs");
  await bound.doc.saved();
  assert.equal(bound.doc.text("other").toString(), "ours");
  await until(() => first.doc.getText("other").toString() === "ours", { sources: [first.news] });
});

test("edits travel from the Y.Doc to others and back, and from the document of Syncline too", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const bound = own(await joinWithBound(server.url, "room"));
  const other = own(await joinWithYjs(server.url, "room"));
  const origins = [];
  bound.ydoc.on("update", (_, origin) => origins.push(origin === bound.doc ? "syncline" : origin));

  bound.body.insert(0, "a", { bold: true });
  await other.shows("a");
  other.body.insert(1, "b");
  await bound.shows("ab");
  bound.inner.body.insert(2, "c");
  await other.shows("abc");
  await bound.shows("abc");
  assert.deepEqual(other.body.toDelta(), bound.body.toDelta());
  assert.deepEqual(bound.inner.body.toDelta(), bound.body.toDelta());
  assert.deepEqual(origins, [null, "syncline", "syncline"], "each change once");
});

test("what the Y.Doc has of types that Syncline cannot edit crosses as well", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const bound = own(await joinWithBound(server.url, "room"));
  const other = own(await joinWithYjs(server.url, "room"));
  const paragraph = new Y.XmlElement("p");
  bound.ydoc.getXmlFragment("page").insert(0, [paragraph]);
  paragraph.insert(0, [new Y.XmlText("text")]);
  const page = () => other.doc.getXmlFragment("page").toString();
  await until(() => page() === "<p>text</p>", { sources: [other.news], state: page });
  other.doc.getXmlFragment("page").insert(1, [new Y.XmlElement("hr")]);
  await bound.until(() => bound.ydoc.getXmlFragment("page").toString() === "<p>text</p><hr></hr>");
});

test("the edits that a Y.Doc makes in one task leave as one message", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const bound = own(await joinWithBound(server.url, "room"));
  const other = own(await joinWithYjs(server.url, "room"));
  let updates = 0;
  other.doc.on("update", () => (updates += 1));
  for (const letter of "several") bound.body.insert(bound.body.length, letter);
  await other.shows("several");
  assert.equal(updates, 1);
});

test("edits of the Y.Doc are unsynced at once, and are saved when the server holds them", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const proxy = own(await startProxy(server.url));
  const bound = own(await joinWithBound(proxy.url, "room", { backoffCap: 200 }));
  await bound.doc.saved();
  await proxy.goDown();
  await bound.until(() => bound.doc.status.phase !== "synced");
  for (const letter of "offline") bound.body.insert(bound.body.length, letter);
  assert.equal(bound.doc.status.unsynced, "offline".length);
  proxy.restore();
  await bound.doc.saved();
  const late = own(await joinWithYjs(server.url, "room"));
  assert.equal(late.body.toString(), "offline");
});

for (const seed of seeds(1, 2, 3, 4)) {
  test(`clients that edit at random and are cut off end with the same content (seed ${seed})`, async (t) => {
    const own = cleanup(t);
    const server = own(await startServer());
    const proxy = own(await startProxy(server.url));
    const people = [];
    for (const joinWith of [joinWithBound, joinWithYjs, joinWithBound]) {
      people.push(own(await joinWith(proxy.url, "room", { backoffCap: 200 })));
    }
    const dice = random(seed);
    for (let edit = 0; edit < 300; edit++) {
      const { body } = dice.pick(people);
      const at = dice.below(body.length + 1);
      if (body.length > at && dice.chance(0.4)) body.delete(at, 1);
      else body.insert(at, dice.pick(["a", "bc", "é"]), dice.chance(0.3) ? { bold: true } : {});
      if (dice.chance(0.02)) proxy.cut();
      if (dice.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
    }
    const bodies = [...people, ...people.flatMap(({ inner }) => inner ?? [])].map(({ body }) => body);
    const texts = () => bodies.map((body) => JSON.stringify(normalized(body.toDelta())));
    const areEqual = () => texts().every((text) => text === texts()[0]);
    await until(areEqual, { sources: people.map(({ news }) => news), state: texts });
  });
}

test("everyone sees everyone else by the awareness, each once, and the own state under the own id", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const ada = own(await joinWithBound(server.url, "room"));
  const bob = own(await joinWithYjs(server.url, "room"));
  const cleo = own(await joinWithBound(server.url, "room"));
  const names = (awareness) => [...awareness.getStates().values()].map(({ name }) => name ?? "").sort().join();
  ada.awareness.setLocalState({ name: "ada" });
  bob.provider.awareness.setLocalState({ name: "bob" });
  cleo.awareness.setLocalStateField("name", "cleo");
  const everybody = [ada.awareness, bob.provider.awareness, cleo.awareness];
  const allSee = (wanted, awarenesses = everybody) =>
    until(() => awarenesses.every((awareness) => names(awareness) === wanted), {
      sources: awarenesses.map((awareness) => events(awareness, "update")),
      state: () => awarenesses.map(names),
    });

  await allSee("ada,bob,cleo");
  assert.deepEqual(ada.awareness.getLocalState(), { name: "ada" });
  assert(bob.provider.awareness.getStates().has(ada.doc.clientId), "others know it by the id of the document");

  cleo.awareness.setLocalState(null);
  await allSee("ada,bob");
  ada.unbind();
  await allSee("bob", [bob.provider.awareness, cleo.awareness]);
  assert.equal(names(ada.awareness), "ada", "nobody else is shown by who is not bound");
  assert.equal(ada.doc.presence.own, null);
});

test("what is not bound any more is left alone", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const bound = own(await joinWithBound(server.url, "room"));
  bound.unbind();
  bound.unbind();
  bound.body.insert(0, "mine");
  bound.inner.body.insert(0, "yours");
  await bound.doc.saved();
  assert.deepEqual([bound.body.toString(), bound.inner.body.toString()], ["mine", "yours"]);

  const closed = own(await joinWithBound(server.url, "another"));
  await closed.doc.close();
  closed.body.insert(0, "alone");
  closed.awareness.setLocalState({ name: "ada" });

  const destroyed = own(await joinWithBound(server.url, "a third"));
  destroyed.ydoc.destroy();
  destroyed.inner.body.insert(0, "without");
  await destroyed.doc.saved();
  assert.equal(destroyed.body.toString(), "");
});

test("a Y.Doc with sub-documents is not bound, and is let go when it gets one", async (t) => {
  const own = cleanup(t);
  const server = own(await startServer());
  const { bind } = await loadSyncline("./yjs");
  const { doc } = own(await joinWithSyncline(server.url, "room"));
  const nested = new Y.Doc();
  nested.getMap("books").set("one", new Y.Doc());
  assert.throws(() => bind(doc, nested), { code: "unsupported-content" });

  const bound = own(await joinWithBound(server.url, "another"));
  const problems = [];
  bound.doc.on("problem", ({ code }) => problems.push(code));
  const uncaught = new Promise((resolve) => {
    globalThis.reportError = resolve;
    own(undefined, () => delete globalThis.reportError);
  });
  bound.ydoc.getMap("books").set("one", new Y.Doc());
  const error = await uncaught;
  assert.equal(error.code, "unsupported-content");
  assert.match(error.message, /^the Y\.Doc is no longer bound: /);
  bound.body.insert(0, "goes nowhere");
  await bound.doc.saved();
  assert.deepEqual(problems, ["unsupported-content"]);
  assert.equal(bound.inner.body.toString(), "");
});
