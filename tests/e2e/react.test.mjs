// An app with React: what is in a document is shown, one document is opened however often components ask, and closed at the end.

import assert from "node:assert/strict";
import test, { after, before, describe } from "node:test";
import { Text } from "yjs";
import { startBrowser } from "./lib/browser.mjs";
import { cleanup } from "./lib/cleanup.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { openReactPage, REACTS, serveReactPages } from "./lib/react-pages.mjs";
import { startServer } from "./lib/server.mjs";
import { events, until } from "./lib/until.mjs";
import { joinWithYjs } from "./lib/yjs-client.mjs";

let server;
let pages;
let browser;
let rooms = 0;

before(async () => {
  server = await startServer();
  pages = await serveReactPages();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await pages?.close();
  await server?.close();
});

/** A room of its own behind a proxy, and what opens pages in it. */
async function startRoom(own, version) {
  const room = `room-${(rooms += 1)}`;
  const proxy = own(await startProxy(server.url));
  const open = async (name, props = {}) =>
    own(await openReactPage(browser, pages.address(version, { server: proxy.url, rooms: [room], name, ...props })));
  return { room, proxy, open };
}

/** Resolves when the proxy carries exactly `count` connections. */
function connections(proxy, count) {
  const sources = [events(proxy, "connection", "closed")];
  const state = () => ({ open: proxy.connections.length, ever: proxy.accepted });
  return until(() => proxy.connections.length === count, { sources, state });
}

const isQuiet = (...people) => assert.deepEqual(people.flatMap(({ errors, warnings }) => [...errors, ...warnings]), []);

for (const version of Object.keys(REACTS)) {
  describe(`React ${version}`, () => {
    test("two people edit, see each other and the status, over one connection each, which ends when the app does", async (t) => {
      const own = cleanup(t);
      const { room, proxy, open } = await startRoom(own, version);
      const ada = await open("ada");
      const bob = await open("bob");
      const witness = own(await joinWithYjs(server.url, room));
      for (const person of [ada, bob]) {
        await person.shows("phase", "synced");
        await person.shows("people", "ada,bob");
      }
      await ada.page.locator("textarea").pressSequentially("Hello");
      await bob.shows("value", "Hello");
      assert.equal(await bob.page.locator("textarea").inputValue(), "Hello");
      await bob.page.locator("input").pressSequentially("Plan");
      await bob.page.locator("input").press("Home");
      await bob.page.locator("input").pressSequentially("A ");
      await ada.shows("meta", `{"title":"A Plan"}`);
      assert.equal(await bob.page.locator("input").inputValue(), "A Plan", "the caret stays where it is");
      assert.equal(proxy.accepted, 2, "one document each, also in StrictMode");

      await ada.run(() => window.app.unmount());
      await bob.shows("people", "bob");
      await connections(proxy, 1);
      assert.equal(witness.body.toString(), "Hello");
      isQuiet(ada, bob);
    });

    test("only what has changed is rendered again", async (t) => {
      const own = cleanup(t);
      const { open } = await startRoom(own, version);
      const ada = await open("ada", { options: { connect: false } });
      await ada.until(() => window.doc);
      await ada.run(() => window.doc.list("todos").push({ label: "a" }, { label: "b" }, { label: "c" }));
      await ada.shows("todos", "abc");
      const rendered = async (edit, shown) => {
        await ada.run(() => void (window.app.renders.rows.length = 0));
        await ada.run(edit);
        await ada.shows("todos", shown);
        return ada.run(() => [...new Set(window.app.renders.rows)].join(""));
      };
      assert.equal(await rendered(() => window.doc.list("todos").push({ label: "d" }), "abcd"), "d");
      const replace = () => {
        window.doc.list("todos").delete(1);
        window.doc.list("todos").insert(1, { label: "B" });
      };
      assert.equal(await rendered(replace, "aBcd"), "B");
      await ada.run(() => window.doc.map("meta").set("a", { b: 1 }));
      await ada.shows("meta", `{"a":{"b":1}}`);
      isQuiet(ada);
    });

    test("what is nested is followed, until it is deleted or the document is closed", async (t) => {
      const own = cleanup(t);
      const { room, open } = await startRoom(own, version);
      const ada = await open("ada");
      const bob = own(await joinWithYjs(server.url, room));
      await ada.shows("note", "none");
      bob.meta.set("note", new Text("nested"));
      await ada.shows("note", "nested");
      bob.meta.get("note").insert(6, "!");
      await ada.shows("note", "nested!");
      await ada.shows("meta", `{"note":"nested!"}`);
      bob.meta.delete("note");
      await ada.shows("note", "none");
      bob.body.insert(0, "kept");
      await ada.shows("value", "kept");
      await ada.run(() => window.doc.close());
      await ada.shows("phase", "not yet");
      await ada.shows("value", "");
      isQuiet(ada);
    });

    test("another room is shown without anything of the one before, whose connection ends", async (t) => {
      const own = cleanup(t);
      const { room, proxy, open } = await startRoom(own, version);
      const ada = await open("ada");
      await ada.page.locator("textarea").pressSequentially("old");
      await ada.shows("phase", "synced");
      await ada.run(() => window.doc.saved());
      const next = `${room}-next`;
      const bob = own(await joinWithYjs(server.url, next));
      bob.body.insert(0, "new");
      await ada.set({ rooms: [next] });
      await ada.shows("value", "new");
      assert.equal(await ada.page.locator("textarea").inputValue(), "new");
      const values = await ada.run((next) => window.app.renders.values.filter(({ room }) => room === next), next);
      assert.deepEqual([...new Set(values.map(({ value }) => value))], ["", "new"]);
      await connections(proxy, 1);
      isQuiet(ada);
    });

    test("components that ask for the same share it, until the last has gone", async (t) => {
      const own = cleanup(t);
      const { room, proxy, open } = await startRoom(own, version);
      const ada = await open("ada", { rooms: [room, room] });
      await ada.page.locator("textarea").first().pressSequentially("both");
      await ada.until(() => [...document.querySelectorAll("textarea")].map(({ value }) => value).join() === "both,both");
      await ada.set({ rooms: [room] });
      await ada.shows("phase", "synced");
      await ada.page.locator("textarea").pressSequentially("!");
      await ada.shows("value", "both!");
      assert.equal(proxy.accepted, 1);
      await ada.set({ rooms: [] });
      await connections(proxy, 0);
      isQuiet(ada);
    });

    test("a document that is left with unsaved edits is closed when they are saved, and is there when it is asked for before", async (t) => {
      const own = cleanup(t);
      const { room, proxy, open } = await startRoom(own, version);
      // The server forgets a room that everybody left before it has written it down.
      const witness = own(await joinWithYjs(server.url, room));
      const ada = await open("ada");
      await ada.shows("phase", "synced");
      proxy.goDown();
      await ada.shows("phase", "waiting");
      await ada.page.locator("textarea").pressSequentially("unsaved");
      await ada.set({ rooms: [] });
      await ada.set({ rooms: [room] });
      await ada.shows("value", "unsaved");
      await ada.set({ rooms: [] });
      proxy.restore();
      await connections(proxy, 1);
      await connections(proxy, 0);
      await witness.shows("unsaved");
      assert.deepEqual(ada.warnings, []);
    });

    test("options that are written in the component open nothing again, and their newest function is asked", async (t) => {
      const own = cleanup(t);
      const { proxy, open } = await startRoom(own, version);
      const ada = await open("ada", { token: "first" });
      await ada.shows("phase", "synced");
      await ada.set({ token: "second" });
      proxy.goDown();
      await ada.until(() => window.app.renders.tokens.includes("second"));
      assert.equal(await ada.run(() => window.app.renders.tokens[0]), "first");
      proxy.restore();
      await ada.shows("phase", "synced");
      const before = await ada.run(() => (window.first = window.doc).clientId);
      await ada.set({ name: "bob" });
      await ada.shows("people", "bob");
      assert.equal(await ada.run(() => window.doc.clientId), before);

      await ada.set({ options: { backoffBase: 200 } });
      await ada.until(() => window.doc !== window.first && window.first.status.phase === "closed");
      await ada.shows("phase", "synced");
      await connections(proxy, 1);
      assert.deepEqual(ada.warnings, []);
    });

    test("an error of open is one for the boundary, and can be tried again", async (t) => {
      const own = cleanup(t);
      const { proxy, open } = await startRoom(own, version);
      const ada = await open("ada", { server: "nowhere" });
      await ada.shows("error", "bad-url");
      await ada.set({ server: proxy.url });
      await ada.page.click("#error");
      await ada.shows("phase", "synced");
      // React says on the console what a boundary has caught.
      assert.deepEqual(ada.warnings, []);
    });

    test("components that are rendered bit by bit, while somebody writes, all show the same", async (t) => {
      const own = cleanup(t);
      const { open } = await startRoom(own, version);
      const ada = await open("ada", { options: { connect: false } });
      await ada.until(() => window.doc);
      const { between, torn } = await ada.run(async () => {
        const rendered = () => window.app.renders.many.some(({ count }) => count === 50);
        let between = 0;
        window.app.setInTransition({ slow: 50 });
        while (!rendered()) {
          window.doc.text("body").insert(0, "x");
          between += 1;
          await new Promise((resolve) => setTimeout(resolve));
        }
        return { between, torn: window.app.renders.many.filter(({ shown }) => shown.length > 1) };
      });
      assert(between > 1, "React paused in between");
      assert.deepEqual(torn, []);
      isQuiet(ada);
    });

    test("what a server rendered is taken over without a warning", async (t) => {
      const own = cleanup(t);
      const { room, proxy } = await startRoom(own, version);
      const witness = own(await joinWithYjs(server.url, room));
      witness.body.insert(0, "kept");
      const props = { server: proxy.url, rooms: [room], name: "ada" };
      const html = await pages.render(version, props);
      assert.match(html, /<p id="phase">not yet<\/p>/);
      assert.equal(proxy.accepted, 0);
      const ada = own(await openReactPage(browser, pages.address(version, props, "rendered")));
      await ada.shows("value", "kept");
      isQuiet(ada);
    });
  });
}
