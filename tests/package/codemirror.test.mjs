// The binding of CodeMirror over the real wasm: its text, without a DOM. What is drawn is tested in tests/e2e.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeSet, EditorState, Text as Content, Transaction } from "@codemirror/state";
import { random, seeds } from "../e2e/lib/random.mjs";
import { importBuilt } from "./helpers/built.mjs";
import { endOfTask, openOffline } from "./helpers/offline.mjs";
import { FakeView } from "./helpers/fake-view.mjs";

const { TextSync } = await importBuilt("codemirror-text.js");
const { changesOf, difference, wellFormed } = await importBuilt("codemirror-changes.js");
const { contentOf } = await importBuilt("text-units.js");

/** A document with a text and a view of it. */
async function openView(initial = "", inView = initial) {
  const doc = await openOffline();
  const text = doc.text("body");
  if (initial) text.insert(0, initial);
  const view = bindView(doc, text, inView);
  await endOfTask();
  return { doc, text, view };
}

function bindView(doc, text, content = "", ...extensions) {
  const bind = (view, onNews) => new TextSync(view, doc, text, { onNews, onWrite() {} });
  return new FakeView(content, bind, ...extensions);
}

test("what is typed is in the text when the view returns, as one change", async () => {
  const { text, view } = await openView("Hello world");
  const changes = [];
  text.observe(({ delta, origin }) => changes.push([origin, delta]));

  view.dispatch({ changes: [{ from: 0, to: 5, insert: "Bye" }, { from: 11, insert: "!" }] });

  assert.equal(String(text), "Bye world!");
  await endOfTask();
  assert.equal(view.content, "Bye world!");
  assert.equal(changes.length, 1);
  assert.equal(changes[0][0], "local");
  assert.equal(view.transactions.length, 1, "there is no echo");
});

test("a change from elsewhere is one transaction that no history takes for an edit", async () => {
  const { doc, text, view } = await openView("one two");
  const other = await openOffline();
  other.applyUpdate(doc.encodeUpdate());
  other.transact(() => {
    other.text("body").insert(7, " three");
    other.text("body").insert(0, "zero ");
  });

  doc.applyUpdate(other.encodeUpdate());
  await endOfTask();

  assert.equal(view.content, "zero one two three");
  assert.equal(view.transactions.length, 1);
  const [transaction] = view.transactions;
  assert.equal(transaction.annotation(Transaction.addToHistory), false);
  assert.equal(transaction.annotation(Transaction.remote), true);
  assert.equal(String(text), view.content);
});

test("what the application writes through the text is shown, also between two edits of the view", async () => {
  const { text, view } = await openView("abc");
  view.dispatch({ changes: { from: 3, insert: "!" } });
  text.insert(0, ">> ");
  view.dispatch({ changes: { from: 1, insert: "-" } });
  assert.equal(String(text), ">> a-bc!");
  await endOfTask();
  assert.equal(view.content, ">> a-bc!");
});

test("an edit of the view within a transaction of the application is part of it", async () => {
  const { doc, text, view } = await openView("abc");
  const changes = [];
  text.observe(({ delta }) => changes.push(delta));
  doc.transact(() => {
    view.dispatch({ changes: { from: 3, insert: "d" } });
    view.dispatch({ changes: { from: 0, insert: "_" } });
  });
  assert.deepEqual(changes, [[{ insert: "_" }, { retain: 3 }, { insert: "d" }]]);

  doc.transact(() => {
    text.insert(0, "app ");
    view.dispatch({ changes: { from: 5, insert: "!" } });
  });
  await endOfTask();
  assert.deepEqual([view.content, String(text)], ["app _abcd!", "app _abcd!"]);
});

test("views of one text are the same, whichever is typed in", async () => {
  const { doc, text, view } = await openView("abc");
  const second = bindView(doc, text, "abc");
  await endOfTask();
  view.dispatch({ changes: { from: 0, insert: "1" } });
  second.dispatch({ changes: { from: 3, insert: "2" } });
  view.dispatch({ changes: { from: 4, insert: "3" } });
  await endOfTask();
  assert.equal(view.content, "1abc23");
  assert.deepEqual([second.content, String(text)], [view.content, view.content]);
});

test("a view that begins with something else shows the text, and keeps what was typed meanwhile", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  text.insert(0, "what is true");
  const view = bindView(doc, text, "what was true");
  view.dispatch({ changes: { from: 13, insert: "!" } });
  await endOfTask();
  assert.deepEqual([view.content, String(text)], ["what is true!", "what is true!"]);
});

test("a filter for what the user may change keeps nothing of what is written elsewhere", async () => {
  const { doc, text } = await openView("abc");
  const view = bindView(doc, text, "abc", EditorState.changeFilter.of(() => false));
  await endOfTask();
  view.dispatch({ changes: { from: 0, insert: "x" } });
  text.insert(3, "d");
  await endOfTask();
  assert.deepEqual([view.content, String(text)], ["abcd", "abcd"]);
});

test("a carriage return is one character of its line on both sides", async () => {
  const { text, view } = await openView("a\r\nb\rc");
  assert.equal(view.state.doc.length, text.length);
  assert.equal(view.state.doc.lines, 2);
  view.dispatch({ changes: { from: 3, to: 4, insert: "B\r\n" } });
  assert.equal(String(text), "a\r\nB\r\n\rc");
  text.insert(0, "\r\n");
  await endOfTask();
  assert.equal(view.content, String(text));
});

test("an embed is one character, and is deleted as one", async () => {
  const { doc, text, view } = await openView("ab");
  text.applyDelta([{ retain: 1 }, { insert: { image: "a.png" } }]);
  await endOfTask();
  assert.equal(view.content, "a\ufffcb");
  view.dispatch({ changes: { from: 3, insert: "c" } });
  assert.deepEqual(text.toDelta(), [{ insert: "a" }, { insert: { image: "a.png" } }, { insert: "bc" }]);

  const late = bindView(doc, text);
  await endOfTask();
  assert.equal(late.content, "a\ufffcbc");
  late.dispatch({ changes: { from: 1, to: 2 } });
  await endOfTask();
  assert.deepEqual([view.content, String(text)], ["abc", "abc"]);
});

test("what is typed takes on the formatting of its place", async () => {
  const { text, view } = await openView("bold");
  text.format(0, 4, { bold: true });
  await endOfTask();
  view.dispatch({ changes: { from: 2, to: 3, insert: "LL" } });
  assert.deepEqual(text.toDelta(), [{ insert: "boLLd", attributes: { bold: true } }]);
});

for (const [what, change, expected] of [
  ["deletes its first half", { from: 1, to: 2 }, "ab"],
  ["deletes its second half", { from: 2, to: 3 }, "ab"],
  ["replaces from its middle", { from: 2, to: 4, insert: "x" }, "ax"],
  ["replaces up to its middle", { from: 0, to: 2, insert: "x" }, "xb"],
  ["inserts into it", { from: 2, insert: "x" }, "a😀xb"],
]) {
  test(`an edit that splits a surrogate pair is widened: one that ${what}`, async () => {
    const { text, view } = await openView("a😀b");
    view.dispatch({ changes: change });
    assert.equal(String(text), expected);
    await endOfTask();
    assert.equal(view.content, expected);
  });
}

test("half a surrogate pair that is inserted becomes U+FFFD", async () => {
  const { text, view } = await openView("ab");
  view.dispatch({ changes: { from: 1, insert: "\ud83d" } });
  assert.equal(String(text), "a\ufffdb");
  await endOfTask();
  assert.equal(view.content, "a\ufffdb");
});

test("a surrogate pair that is typed in halves is one character", async () => {
  const { text, view } = await openView("ab");
  const type = (insert) => {
    const from = view.state.selection.main.head;
    view.dispatch({ changes: { from, insert }, selection: { anchor: from + 1 }, userEvent: "input.type" });
  };
  view.dispatch({ selection: { anchor: 1 } });
  type("\ud83d");
  await endOfTask();
  assert.equal(String(text), "ab");
  type("\ude00");
  assert.equal(String(text), "a😀b");

  // The other half may never come; then what follows stands behind what is left of the first.
  type("\ud83d");
  type("x");
  await endOfTask();
  type("y");
  assert.equal(String(text), "a😀\ufffdxyb");
  type("\ud83d");
  text.insert(0, "_");
  await endOfTask();
  type("z");
  assert.equal(String(text), "_a😀\ufffdxy\ufffdzb");
  await endOfTask();
  assert.equal(view.content, String(text));
});

test("an observer may write in the view while it is told of something else", async () => {
  const { doc, text, view } = await openView("abc");
  const other = await openOffline();
  other.applyUpdate(doc.encodeUpdate());
  // Told before the text is, whose change the view cannot know of yet.
  let isDone = false;
  doc.map("meta").observe(() => {
    if (isDone) return;
    isDone = true;
    view.dispatch({ changes: { from: 3, insert: " local" } });
  });
  other.transact(() => {
    other.map("meta").set("k", 1);
    other.text("body").insert(0, "remote ");
  });
  doc.applyUpdate(other.encodeUpdate());
  await endOfTask();
  assert.deepEqual([view.content, String(text)], ["remote abc local", "remote abc local"]);
});

test("a text within a map is bound as any other, until it is deleted", async () => {
  const doc = await openOffline();
  const text = doc.map("files").setText("readme", "abc");
  const view = bindView(doc, text);
  await endOfTask();
  view.dispatch({ changes: { from: 3, insert: "d" } });
  assert.equal(String(text), "abcd");
  text.insert(0, "_");
  await endOfTask();
  assert.equal(view.content, "_abcd");

  doc.map("files").delete("readme");
  await endOfTask();
  assert.throws(() => view.dispatch({ changes: { from: 0, insert: "x" } }), { code: "deleted" });
  view.sync.destroy();
});

test("a view stays as it is once the document is closed", async () => {
  const { doc, view } = await openView("abc");
  await doc.close();
  assert.throws(() => view.dispatch({ changes: { from: 0, insert: "x" } }), { code: "closed" });
});

test("a delta and the changes of it do the same", () => {
  const content = Content.of(["one", "two"]);
  const delta = [{ insert: "0\n" }, { retain: 2, attributes: { bold: true } }, { delete: 2 }, { insert: { a: 1 } }];
  assert.equal(changesOf(delta, content.length).apply(content).toString(), "0\non\ufffctwo");
  assert.throws(() => changesOf([{ retain: 7 }, { delete: 1 }], content.length));
  assert.equal(changesOf([{ retain: 3, attributes: { bold: true } }], 7).empty, true);
});

test("the difference is the smallest single change", () => {
  for (const [before, after, from, to] of [
    ["", "", 0, 0],
    ["aaa", "aa", 2, 3],
    ["abc", "abXc", 2, 2],
    ["", "abc", 0, 0],
  ]) {
    const changes = difference(before, after);
    assert.equal(changes.apply(Content.of([before])).toString(), after);
    changes.iterChangedRanges((start, end) => assert.deepEqual([start, end], [from, to]));
  }
});

test("changes that are well-formed are left as they are", () => {
  const content = Content.of(["a😀b"]);
  const changes = ChangeSet.of([{ from: 1, to: 3, insert: "🎉" }], 4);
  assert.equal(wellFormed(changes, content), changes);
});

const STRINGS = ["a", "bc", "\n", "\r\n", "\r", "😀", "\ud83d", "\ude00", "x\ude00y", "👩‍👩‍👧", ""];

for (const seed of seeds(...Array.from({ length: 100 }, (_, index) => index))) {
  test(`views show their text, whatever is done to either (seed ${seed})`, async () => {
    const choose = random(seed);
    const [ada, bob] = [await openOffline(), await openOffline()];
    const views = [ada, ada, bob].map((doc) => bindView(doc, doc.text("body")));
    views.forEach((view, index) => (view.text = (index === 2 ? bob : ada).text("body")));
    const exchange = (from, to) => to.applyUpdate(from.encodeUpdate(to.stateVector()));
    let [reentrant, depth] = [0, 0];
    const within = (work) => {
      depth += 1;
      work();
      depth -= 1;
    };
    for (const doc of [ada, bob]) {
      for (const type of [doc.map("meta"), doc.text("body")]) {
        type.observe(() => {
          if (reentrant <= 0) return;
          reentrant -= 1;
          within(act);
        });
      }
    }

    const steps = [ada, bob].map((doc) => doc.undo({ scope: [doc.text("body")], captureTimeout: 0 }));
    const actions = { editView, editView2: editView, editText, exchangeBoth, transact, undo, reenter };
    function act() {
      const name = choose.pick(Object.keys(actions));
      actions[name]();
    }
    function editView() {
      const view = choose.pick(views);
      const { length } = view.state.doc;
      const changes = [];
      for (let at = choose.below(length + 1); at <= length && changes.length < 3; at += 1 + choose.below(4)) {
        const to = Math.min(length, at + (choose.chance(0.5) ? choose.below(4) : 0));
        changes.push({ from: at, to, insert: choose.pick(STRINGS) });
        at = to;
      }
      // Users are not within anything that a program does.
      view.dispatch({ changes, ...(depth === 0 && choose.chance(0.5) && { userEvent: "input.type" }) });
    }
    function editText() {
      const doc = choose.pick([ada, bob]);
      const text = doc.text("body");
      const at = boundary(contentOf(text), choose.below(text.length + 1));
      const end = boundary(contentOf(text), Math.min(text.length, at + choose.below(4)));
      if (choose.chance(0.2)) doc.map("meta").set("k", choose.below(9));
      if (choose.chance(0.3) && end > at) text.format(at, end - at, { bold: choose.chance(0.5) || null });
      else if (choose.chance(0.4) && end > at) text.delete(at, end - at);
      else if (choose.chance(0.2)) text.applyDelta([...(at > 0 ? [{ retain: at }] : []), { insert: { image: "a" } }]);
      else text.insert(at, choose.pick(STRINGS.filter((string) => !/\p{Surrogate}/u.test(string))));
    }
    function exchangeBoth() {
      const [from, to] = choose.pick([[ada, bob], [bob, ada]]);
      exchange(from, to);
    }
    function transact() {
      const edits = () => {
        for (let n = choose.below(4); n > 0; n -= 1) choose.pick([editView, editText])();
      };
      choose.pick([ada, bob]).transact(() => within(edits));
    }
    function undo() {
      const what = choose.pick(["undo", "undo", "redo"]);
      choose.pick(steps)[what]();
    }
    function reenter() {
      reentrant = 1;
    }

    for (let task = 0; task < 40; task += 1) {
      for (let n = 1 + choose.below(3); n > 0; n -= 1) act();
      await endOfTask();
      for (const view of views) assert.equal(view.content, contentOf(view.text), `after task ${task}`);
    }
    reentrant = 0;
    exchange(ada, bob);
    exchange(bob, ada);
    await endOfTask();
    const contents = new Set(views.map((view) => view.content));
    assert.equal(contents.size, 1, "all views show the same");
  });
}

/** The nearest position before `at` that splits no surrogate pair. */
function boundary(content, at) {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(content.slice(Math.max(0, at - 1), at + 1)) ? at - 1 : at;
}
