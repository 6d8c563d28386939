// The demo page with the real server: what a newcomer tries first works, whatever the network does.

import assert from "node:assert/strict";
import path from "node:path";
import test, { after, before } from "node:test";
import { ROOT, run } from "../../scripts/lib/run.mjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { openDemo } from "./lib/demo-page.mjs";
import { servePages } from "./lib/pages.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { startServer } from "./lib/server.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

/** Less than the 30 s after which a presence without news is dropped: who left must be seen to leave. */
const LEAVING_MS = 15_000;

let server;
let pages;
let browser;

before(async () => {
  server = await startServer();
  pages = await servePages({ server: server.url });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await pages?.close();
  await server?.close();
});

let rooms = 0;

/** Two windows on one room, all four panes synced. `through` opens one of them through a proxy. */
async function twoWindows(own, { through } = {}) {
  const room = `room ${(rooms += 1)}`;
  const ada = own(await openDemo(browser, pages, { room, server: through?.url }));
  const bob = own(await openDemo(browser, pages, { room }));
  const panes = [...ada.panes, ...bob.panes];
  await Promise.all(panes.map((pane) => pane.untilSaved()));
  return { room, ada, bob, panes };
}

/** Resolves when everything is saved and every pane shows the text that a real Yjs client is given; with that client. */
async function settled(own, { room, panes }) {
  await Promise.all(panes.map((pane) => pane.untilSaved()));
  const witness = own(await joinWithYjs(server.url, encodeURIComponent(room)));
  await Promise.all(panes.map((pane) => pane.untilText(witness.body.toString())));
  return witness;
}

test("the demo keeps to the types of the package", async () => {
  const compiler = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const args = [compiler, "--project", path.join(ROOT, "www")];
  await run(process.execPath, args, { problem: "The TypeScript in www/ does not compile." });
});

test("two people who type at once end with the same text", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await Promise.all([ada.a.type("The quick brown fox. 😀 "), bob.a.type("Zwölf Boxkämpfer jagen Viktor.\nSecond line.")]);
  const witness = await settled(own, rest);
  const text = witness.body.toString();
  for (const piece of ["fox", "😀", "Zwölf", "\n"]) assert(text.includes(piece), `${piece} in ${text}`);
  assert.equal(text.length, 67);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("formatting arrives", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.a.type("plain ");
  await ada.page.keyboard.press("Control+b");
  await ada.page.keyboard.type("bold");
  await ada.page.keyboard.press("Control+b");
  await ada.page.keyboard.type(" code");
  for (let n = 0; n < "code".length; n++) await ada.page.keyboard.press("Shift+ArrowLeft");
  await ada.a.root.getByRole("button", { name: "Code" }).click();
  const html = "<p>plain <strong>bold</strong> <code>code</code></p>";
  await Promise.all(rest.panes.map((pane) => pane.until((shown) => shown.html === html)));

  // And it goes away again where another person takes it.
  await bob.b.editor.getByText("bold").dblclick();
  await bob.b.root.getByRole("button", { name: "Bold" }).click();
  await Promise.all(rest.panes.map((pane) => pane.until((shown) => !shown.html.includes("strong"))));
  const witness = await settled(own, rest);
  assert.deepEqual(witness.body.toDelta(), [{ insert: "plain bold " }, { insert: "code", attributes: { code: true } }]);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("undo takes back the own edits and leaves those of others", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.a.type("mine");
  await settled(own, rest);
  await bob.a.type(" theirs");
  await settled(own, rest);
  await ada.a.editor.focus();
  await ada.page.keyboard.press("Control+z");
  await Promise.all(rest.panes.map((pane) => pane.untilText(" theirs")));
  await ada.page.keyboard.press("Control+Shift+z");
  const witness = await settled(own, rest);
  assert.equal(witness.body.toString(), "mine theirs");
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("the buttons undo and redo, select what was selected, and say whether there is a step", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  const button = (name) => ada.a.root.getByRole("button", { name });
  const disabled = () => Promise.all(["Undo", "Redo"].map((name) => button(name).getAttribute("aria-disabled")));
  assert.deepEqual(await disabled(), ["true", "true"]);
  await bob.a.type("theirs");
  await settled(own, rest);
  await ada.a.editor.focus();
  await ada.page.keyboard.press("Control+a");
  await ada.page.keyboard.insertText("mine");
  await settled(own, rest);
  assert.deepEqual(await disabled(), ["false", "true"]);

  await button("Undo").click();
  await Promise.all(rest.panes.map((pane) => pane.untilText("theirs")));
  assert.deepEqual(await disabled(), ["true", "false"]);
  assert.equal(await ada.page.evaluate(() => getSelection().toString()), "theirs");
  await button("Redo").click();
  const witness = await settled(own, rest);
  assert.equal(witness.body.toString(), "mine");
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("what others write while an input method composes arrives, and the composed text too", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.a.type("前");
  await settled(own, rest);
  const devtools = await ada.page.context().newCDPSession(ada.page);
  const compose = (text) => devtools.send("Input.imeSetComposition", { text, selectionStart: 1, selectionEnd: 1 });
  await ada.a.editor.focus();
  await compose("k");
  await bob.a.editor.focus();
  await bob.page.keyboard.press("Control+Home");
  await bob.page.keyboard.type("first ");
  await Promise.all([bob.a, bob.b, ada.b].map((pane) => pane.until(({ text }) => text.startsWith("first "))));
  await compose("か");
  await devtools.send("Input.insertText", { text: "加" });
  const witness = await settled(own, rest);
  assert.equal(witness.body.toString(), "first 前加");
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("to-dos are added, done and deleted for everybody", async (t) => {
  const own = cleanup(t);
  const { ada, bob, panes } = await twoWindows(own);
  const everywhere = (wanted) =>
    Promise.all(panes.map((pane) => pane.until(({ todos }) => sameSet(todos.map(asWords), wanted))));

  await Promise.all([ada.a.addTodo("buy milk"), bob.b.addTodo("call Grace")]);
  await everywhere(["buy milk", "call Grace"]);
  await bob.a.todo("buy milk").getByRole("checkbox").check();
  await everywhere(["buy milk ✓", "call Grace"]);
  // Both at once: none undoes the other's.
  await Promise.all([
    ada.b.todo("call Grace").getByRole("checkbox").check(),
    bob.b.todo("buy milk").getByRole("button").click(),
  ]);
  await everywhere(["call Grace ✓"]);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("everybody sees who is here, and a reload leaves no ghost", async (t) => {
  const own = cleanup(t);
  const { ada, bob, panes } = await twoWindows(own);
  const all = panes.map((_, n) => `Person ${n}`);
  for (const [n, pane] of panes.entries()) await pane.name.fill(all[n]);
  const othersSeen = () =>
    Promise.all(panes.map((pane, n) => pane.until(({ people }) => sameSet(people, without(all, n)), LEAVING_MS)));
  await othersSeen();
  await ada.reload();
  await othersSeen();
  await ada.close();
  await bob.a.until(({ people }) => sameSet(people, ["Person 3"]), LEAVING_MS);
  await bob.b.until(({ people }) => sameSet(people, ["Person 2"]), LEAVING_MS);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("with their networks cut both panes count what waits, and switched on again they are equal", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.a.type("Together.");
  await settled(own, rest);

  for (const pane of ada.panes) await pane.cut.click();
  for (const pane of ada.panes) assert.equal((await pane.untilPhase("disconnected")).cut, true);
  await ada.a.type(" Left alone.");
  await ada.b.type(" Right alone.");
  await ada.b.addTodo("written offline");
  await bob.a.type(" Meanwhile.");
  const left = await ada.a.until(({ unsynced, status }) => unsynced === 12 && /12 edits/.test(status));
  assert.match(left.status, /^Offline/);
  assert.equal(left.text, "Together. Left alone.");
  await ada.b.until(({ unsynced, status }) => unsynced === 14 && /14 edits/.test(status));

  for (const pane of ada.panes) await pane.cut.click();
  const witness = await settled(own, rest);
  const text = witness.body.toString();
  for (const piece of [" Left alone.", " Right alone.", " Meanwhile."]) assert(text.includes(piece), text);
  for (const pane of rest.panes) {
    const { status, cut, todos } = await pane.until(({ todos }) => todos.length > 0);
    assert.deepEqual([status, cut, todos], ["Saved", false, [{ label: "written offline", done: false }]]);
  }
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("a network that fails and comes back loses nothing", async (t) => {
  const own = cleanup(t);
  const proxy = own(await startProxy(server.url));
  const { ada, bob, ...rest } = await twoWindows(own, { through: proxy });
  await ada.a.type("before ");
  await settled(own, rest);
  proxy.goDown();
  for (const pane of ada.panes) {
    const { reason } = await pane.untilPhase("waiting");
    assert.match(reason, /\w.*\.$/);
  }
  await ada.a.type("during ");
  await bob.a.type("elsewhere ");
  await ada.a.until(({ unsynced }) => unsynced >= "during ".length);

  proxy.restore();
  // One is told to try, the other does by itself.
  await ada.a.tryNow();
  const text = (await settled(own, rest)).body.toString();
  for (const piece of ["before ", "during ", "elsewhere "]) assert(text.includes(piece), text);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("a browser that says it is offline, and then online, loses nothing", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.page.context().setOffline(true);
  await ada.a.type("in a tunnel");
  await ada.page.context().setOffline(false);
  const witness = await settled(own, rest);
  assert.equal(witness.body.toString(), "in a tunnel");
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("a page that was left, frozen and returned to is in step again", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.a.type("here ");
  await settled(own, rest);
  await ada.page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (window.wasFrozen = persisted)));
  await ada.page.goto(pages.bare);
  await bob.a.until(({ people }) => people.length === 1, LEAVING_MS);
  await bob.a.type("and there");
  await ada.page.goBack({ waitUntil: "commit" });
  await ada.ready();
  assert.equal(await ada.page.evaluate(() => window.wasFrozen), true);
  const witness = await settled(own, rest);
  assert.equal(witness.body.toString(), "here and there");
  await bob.a.until(({ people }) => people.length === 3);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("a server that is killed and comes back loses nothing", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.a.type("before ");
  await settled(own, rest);
  const typing = ada.a.type("while it is killed ");
  await server.kill();
  await typing;
  await Promise.all(rest.panes.map((pane) => pane.until(({ phase }) => phase !== "synced")));
  await bob.b.type("without it ");
  await server.start();
  const text = (await settled(own, rest)).body.toString();
  for (const piece of ["before ", "while it is killed ", "without it "]) assert(text.includes(piece), text);
  assert.deepEqual([...ada.errors, ...bob.errors], []);
});

test("text and to-dos survive a restart of the pages and of the server", async (t) => {
  const own = cleanup(t);
  const { ada, bob, ...rest } = await twoWindows(own);
  await ada.a.type("Written to stay.");
  await bob.b.addTodo("remember");
  await settled(own, rest);
  await Promise.all([ada.close(), bob.close()]);
  // Who is given everything again, from memory or from the disk, has waited for the server's writing.
  const reader = await joinWithYjs(server.url, encodeURIComponent(rest.room));
  reader.close();
  await server.restart();

  const again = own(await openDemo(browser, pages, { room: rest.room }));
  for (const pane of again.panes) {
    const { todos } = await pane.until(({ text, todos }) => text === "Written to stay." && todos.length > 0);
    assert.deepEqual(todos, [{ label: "remember", done: false }]);
  }
  assert.deepEqual(again.errors, []);
});

test("leaving with unsaved edits asks first, and not without", async (t) => {
  const own = cleanup(t);
  const { ada } = await twoWindows(own);
  const asked = [];
  ada.page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.accept();
  });
  await ada.a.type("saved");
  await ada.a.untilSaved();
  await ada.reload();
  assert.deepEqual(asked, []);

  // This device keeps what is written on the left; on the right is somebody whose device does not.
  await ada.a.cut.click();
  await ada.a.type(" and kept");
  await ada.a.until(({ unsynced, status }) => unsynced > 0 && /kept on this device/.test(status));
  await ada.reload();
  assert.deepEqual(asked, []);
  await ada.a.untilText("saved and kept");

  await ada.b.cut.click();
  await ada.b.type(", but not this");
  await ada.b.until(({ unsynced }) => unsynced > 0);
  await ada.reload();
  assert.deepEqual(asked, ["beforeunload"]);
  await ada.a.untilText("saved and kept");
});

test("what is written without a server is there after a reload, as not saved yet", async (t) => {
  const own = cleanup(t);
  const proxy = own(await startProxy(server.url));
  const { ada, ...rest } = await twoWindows(own, { through: proxy });
  proxy.goDown();
  await ada.a.untilPhase("waiting");
  await ada.a.type("written offline");
  await ada.a.until(({ unsynced, status }) => unsynced === 15 && /15 edits wait, kept on this device/.test(status));
  await ada.reload();
  await ada.a.until(({ text, unsynced, status }) => text === "written offline" && unsynced === 15 && /15 edits wait/.test(status));
  proxy.restore();
  const witness = await settled(own, rest);
  assert.equal(witness.body.toString(), "written offline");
});

test("a second tab of a browser says that it is connected through the first, and takes over from it", async (t) => {
  const own = cleanup(t);
  const { ada, ...rest } = await twoWindows(own);
  const second = await ada.anotherTab();
  await second.a.until(({ status }) => status === "Saved, through tab 1");
  await second.a.type("through the first");
  await settled(own, rest);
  await second.a.until(({ status }) => status === "Saved, through tab 1");
  await ada.page.close();
  await second.a.until(({ status, phase }) => phase === "synced" && status === "Saved");
  await second.a.type(", and on its own");
  await second.a.untilSaved();
  await rest.bob.a.untilText("through the first, and on its own");
});

test("a page that cannot reach the server can be written on, and one with a wrong address says so", async (t) => {
  const own = cleanup(t);
  const gone = own(await startProxy(server.url));
  gone.goDown();
  const early = own(await openDemo(browser, pages, { room: "early", server: gone.url }));
  await early.a.type("early");
  const { reason } = await early.a.until(({ unsynced, phase }) => unsynced === 5 && phase === "waiting");
  assert.match(reason, /cannot be reached/);
  gone.restore();
  await early.a.tryNow();
  await early.b.untilText("early");
  assert.deepEqual(early.errors, []);

  const wrong = own(await browser.visit(`${pages.demo}?server=nonsense`));
  await wrong.page.getByText("Error code: bad-url").waitFor();
  await wrong.page.getByRole("alert").waitFor();
});

function asWords({ label, done }) {
  return done ? `${label} ✓` : label;
}

function without(items, index) {
  return items.filter((_, n) => n !== index);
}

function sameSet(some, others) {
  return JSON.stringify([...some].sort()) === JSON.stringify([...others].sort());
}
