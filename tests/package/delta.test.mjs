// Editors that speak deltas and know no CRDT: a plain delta that is edited, beside the shared text, in step or lagging.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import Delta from "quill-delta";
import * as Y from "yjs";
import { importBuilt } from "./helpers/built.mjs";
import { endOfTask, openOffline } from "./helpers/offline.mjs";
import { reportedBy } from "./helpers/reported.mjs";
import { random } from "../e2e/lib/random.mjs";

const { attach, connect, serve } = await importBuilt("delta.js");
const { transform, normal } = await importBuilt("delta-transform.js");

/** An editor that is nothing but its content. Like Quill, it may insist on ending with a newline. */
class PlainEditor {
  contents = new Delta();
  ending;
  replaced = 0;
  #listener = () => {};

  constructor(ending) {
    this.ending = ending;
  }

  setContents(delta) {
    this.replaced += 1;
    this.contents = new Delta(delta);
    this.#insist();
  }

  updateContents(delta) {
    this.contents = this.contents.compose(new Delta(delta));
    this.#insist();
  }

  length() {
    return this.contents.length();
  }

  onChange(listener) {
    this.#listener = listener;
    return () => (this.#listener = () => {});
  }

  /** What somebody types. */
  edit(delta) {
    this.contents = this.contents.compose(new Delta(delta));
    const missing = this.#insist();
    this.#listener(missing ? new Delta(delta).compose(missing).ops : delta);
  }

  #insist() {
    const last = this.contents.ops.at(-1)?.insert;
    if (this.ending !== "newline" || (typeof last === "string" && last.endsWith("\n"))) return undefined;
    const missing = new Delta().retain(this.contents.length()).insert("\n");
    this.contents = this.contents.compose(missing);
    return missing;
  }
}

const FORMATS = [undefined, { bold: true }, { bold: null }, { color: "red" }, { color: "blue", bold: true }, { link: { href: "#" } }];
const PIECES = ["a", "bc", "\n", "é", "word ", "x\n", { image: "a.png" }];

/** A delta for content of this length; positions in pairs of surrogates do not occur, as nothing here has any. */
function randomDelta(random, length) {
  const delta = new Delta();
  let left = length;
  for (let n = 1 + random.below(3); n > 0; n -= 1) {
    const step = random.below(left + 1);
    delta.retain(step, random.chance(0.3) ? random.pick(FORMATS) : undefined);
    left -= step;
    if (random.chance(0.6)) delta.insert(random.pick(PIECES), random.pick(FORMATS.filter((format) => format?.bold !== null)));
    const gone = random.chance(0.5) ? Math.min(left, random.below(4)) : 0;
    delta.delete(gone);
    left -= gone;
  }
  return delta.chop().ops;
}

function editText(random, text) {
  text.applyDelta(randomDelta(random, text.length));
}

/** The steps of a delta in Quill's normal form, in which what is formatted alike is one. */
function steps(delta) {
  return delta.reduce((normal, step) => normal.push(step), new Delta()).ops;
}

/** What an editor must show of a text. */
function shown(text, ending) {
  const delta = text.toDelta();
  const last = delta.at(-1)?.insert;
  const isPadded = ending === "newline" && !(typeof last === "string" && last.endsWith("\n"));
  return steps(isPadded ? [...delta, { insert: "\n" }] : delta);
}

const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 60 }, (_, seed) => seed + 1);

/** Runs `work` for each seed, which a failure names. */
async function forSeeds(work) {
  for (const seed of SEEDS) {
    const errors = [];
    globalThis.reportError = (error) => errors.push(error);
    try {
      await work(random(seed));
      assert.deepEqual(errors, []);
    } catch (error) {
      error.message = `SEED=${seed}: ${error.message}`;
      throw error;
    } finally {
      delete globalThis.reportError;
    }
  }
}

test("a delta is transformed as quill-delta does it, and both orders lead to the same content", async () => {
  await forSeeds((random) => {
    const base = new Delta().insert("0123456789".slice(random.below(10)));
    const [one, two] = [randomDelta(random, base.length()), randomDelta(random, base.length())].map(normal);
    for (const [order, priority] of [["first", true], ["second", false]]) {
      assert.deepEqual(transform(one, two, order), new Delta(one).transform(new Delta(two), priority).ops);
    }
    const [oneFirst, twoFirst] = [base.compose(new Delta(one)), base.compose(new Delta(two))];
    const [left, right] = [transform(one, two, "first"), transform(two, one, "second")];
    assert.deepEqual(oneFirst.compose(new Delta(left)).ops, twoFirst.compose(new Delta(right)).ops);
  });
});

test("who only applies what is observed has the text, whoever edits it, one with Yjs too", async () => {
  await forSeeds(async (random) => {
    const [one, two, ydoc] = [await openOffline(), await openOffline(), new Y.Doc()];
    const texts = [one, two].map((doc) => doc.text("body"));
    const copies = texts.map((text) => {
      const copy = { contents: new Delta() };
      text.observe(({ delta }) => (copy.contents = copy.contents.compose(new Delta(delta))));
      return copy;
    });
    for (let n = 0; n < 25; n += 1) {
      const editing = random.pick([...texts, ydoc.getText("body")]);
      editText(random, editing);
      if (random.chance(0.3)) await endOfTask();
      const updates = { 0: [one, two], 1: [two, one] }[random.below(4)];
      if (updates) updates[1].applyUpdate(updates[0].encodeUpdate());
      if (random.chance(0.3)) one.applyUpdate(Y.encodeStateAsUpdate(ydoc));
      if (random.chance(0.3)) Y.applyUpdate(ydoc, two.encodeUpdate());
    }
    for (let n = 0; n < 2; n += 1) {
      one.applyUpdate(Y.encodeStateAsUpdate(ydoc));
      two.applyUpdate(one.encodeUpdate());
      Y.applyUpdate(ydoc, two.encodeUpdate());
    }
    await endOfTask();
    texts.forEach((text, index) => assert.deepEqual(steps(copies[index].contents.ops), steps(text.toDelta())));
    assert.deepEqual(steps(texts[0].toDelta()), steps(ydoc.getText("body").toDelta()));
    await Promise.all([one.close(), two.close()]);
  });
});

for (const ending of ["anything", "newline"]) {
  test(`editors are the same as their texts, whoever edits, also within one task (ending: ${ending})`, async () => {
    await forSeeds(async (random) => {
      const docs = [await openOffline(), await openOffline()];
      const texts = docs.map((doc) => doc.text("body"));
      if (random.chance(0.5)) texts[0].insert(0, "as it was");
      const editors = texts.map(() => new PlainEditor(ending));
      const ends = texts.map((text, index) => attach(text, editors[index]));
      for (let n = 0; n < 30; n += 1) {
        const which = random.below(2);
        if (random.chance(0.5)) editors[which].edit(randomDelta(random, editors[which].length()));
        else if (random.chance(0.5)) editText(random, texts[which]);
        else docs[1 - which].applyUpdate(docs[which].encodeUpdate());
        if (random.chance(0.3)) await endOfTask();
      }
      for (const which of [0, 1, 0]) docs[1 - which].applyUpdate(docs[which].encodeUpdate());
      await endOfTask();
      texts.forEach((text, index) => assert.deepEqual(steps(editors[index].contents.ops), shown(text, ending)));
      assert.deepEqual(texts[0].toDelta(), texts[1].toDelta());
      if (ending === "anything") assert.deepEqual(editors.map(({ replaced }) => replaced), [1, 1]);
      ends.forEach((end) => end());
      await Promise.all(docs.map((doc) => doc.close()));
    });
  });

  test(`editors that live elsewhere and lag end up the same as the text (ending: ${ending})`, async () => {
    await forSeeds(async (random) => {
      const doc = await openOffline();
      const text = doc.text("body");
      if (random.chance(0.5)) text.insert(0, "as it was\n");
      const wires = [0, 1].map(() => wire());
      const editors = wires.map(({ near, far }) => {
        serve(text, near);
        const editor = new PlainEditor(ending);
        connect(far, editor);
        return editor;
      });
      for (let n = 0; n < 60; n += 1) {
        const which = random.below(2);
        if (random.chance(0.3)) editText(random, text);
        else if (random.chance(0.5)) editors[which].edit(randomDelta(random, editors[which].length()));
        else wires[which].carry(1 + random.below(3), random.pick(["near", "far"]));
        if (random.chance(0.3)) await endOfTask();
      }
      for (let n = 0; n < 6; n += 1) {
        await endOfTask();
        for (const { carry } of wires) ["near", "far"].forEach((end) => carry(Infinity, end));
      }
      for (const editor of editors) assert.deepEqual(steps(editor.contents.ops), shown(text, ending));
      if (ending === "anything") assert.ok(editors.every(({ replaced }) => replaced === 1));
      await doc.close();
    });
  });
}

/** Two ends of a way on which messages are carried when the test says so, as copies. */
function wire() {
  const ends = { near: { waiting: [], listener: () => {} }, far: { waiting: [], listener: () => {} } };
  const port = (own, other) => ({
    post: (message) => ends[other].waiting.push(JSON.stringify(message)),
    onMessage: (listener) => {
      ends[own].listener = listener;
      return () => (ends[own].listener = () => {});
    },
  });
  const carry = (count, to) => {
    for (const message of ends[to].waiting.splice(0, count)) ends[to].listener(JSON.parse(message));
  };
  return { near: port("near", "far"), far: port("far", "near"), carry };
}

test("what is typed at the end of an editor that ends with a newline needs no new content", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  const editor = new PlainEditor("newline");
  attach(text, editor);
  assert.equal(text.length, 0, "a newline that is only shown is not in the text");
  const edits = [
    [[{ insert: "a" }], "a", "a\n"],
    [[{ retain: 1 }, { insert: "\n" }], "a\n\n", "a\n\n"],
    [[{ retain: 1 }, { delete: 1 }], "a\n", "a\n"],
    [[{ retain: 1, attributes: { bold: true } }, { retain: 1, attributes: { header: 1 } }], "a\n", "a\n"],
  ];
  for (const [delta, inText, inEditor] of edits) {
    editor.edit(delta);
    assert.deepEqual([String(text), editor.contents.reduce((all, { insert }) => all + insert, "")], [inText, inEditor]);
  }
  assert.deepEqual(text.toDelta(), editor.contents.ops);
  text.delete(1, 1);
  await endOfTask();
  assert.deepEqual(editor.contents.ops, [{ insert: "a", attributes: { bold: true } }, { insert: "\n" }]);
  editor.edit([{ retain: 1 }, { retain: 1, attributes: { header: 2 } }]);
  assert.deepEqual(text.toDelta(), editor.contents.ops, "a newline that is formatted is one of the text");
  assert.equal(editor.replaced, 1);
});

test("an edit that the text refuses is taken back and reported", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  text.insert(0, "text");
  const editor = new PlainEditor("anything");
  attach(text, editor);
  const errors = reportedBy(() => {
    editor.edit([{ insert: { far: Infinity } }]);
    editor.edit([{ retain: 99 }, { insert: "x" }]);
  });
  assert.deepEqual(errors.map(({ code }) => code), ["bad-value", "out-of-range"]);
  assert.deepEqual(editor.contents.ops, [{ insert: "text" }]);
  editor.edit([{ insert: "a " }]);
  assert.equal(String(text), "a text");
});

test("an editor that does not show what it is given is detached before anything goes to a wrong place", async (t) => {
  const doc = await openOffline();
  const text = doc.text("body");
  const editor = new PlainEditor("anything");
  const onlyText = (delta) => delta.filter(({ insert }) => typeof insert !== "object");
  const [set, update] = ["setContents", "updateContents"].map((name) => editor[name].bind(editor));
  Object.assign(editor, { setContents: (delta) => set(onlyText(delta)), updateContents: (delta) => update(onlyText(delta)) });
  attach(text, editor);
  const errors = [];
  globalThis.reportError = (error) => errors.push(error);
  t.after(() => delete globalThis.reportError);
  doc.transact(() => text.applyDelta([{ insert: { image: "a.png" } }, { insert: "b" }]));
  await endOfTask();
  assert.deepEqual(errors.map(({ code }) => code), ["unsupported-content"]);
  assert.equal(editor.replaced, 2, "tried once more with all of it, when everything was told");
  editor.edit([{ retain: 1 }, { insert: "c" }]);
  assert.equal(text.length, 2);
});

test("observers that answer an editor with edits of their own do not confuse it", async () => {
  const doc = await openOffline();
  const [text, log] = [doc.text("body"), doc.list("log")];
  const editor = new PlainEditor("anything");
  text.observe(({ delta }) => {
    log.push(delta.length);
    if (String(text).includes("teh")) text.applyDelta([{ retain: String(text).indexOf("teh") }, { insert: "the" }, { delete: 3 }]);
  });
  log.observe(() => String(text).endsWith("!") || doc.transact(() => text.insert(text.length, "!")));
  attach(text, editor);
  editor.edit([{ insert: "teh" }]);
  await endOfTask();
  assert.equal(String(text), "the!");
  for (const edit of [[{ insert: "teh " }], [{ retain: 8 }, { insert: " teh" }], [{ insert: "In " }]]) {
    editor.edit(edit);
    if (edit.length === 1) await endOfTask();
  }
  assert.doesNotMatch(String(text), /teh/);
  assert.deepEqual(steps(editor.contents.ops), steps(text.toDelta()));
  assert.equal(editor.replaced, 1);
});

test("an editor that is edited by an observer of its text waits until everyone was told", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  const editor = new PlainEditor("anything");
  text.observe(({ delta }) => delta[0].insert === "remote " && editor.edit([{ insert: "> " }]));
  attach(text, editor);
  const other = await openOffline();
  other.text("body").insert(0, "remote ");
  doc.applyUpdate(other.encodeUpdate());
  text.insert(0, "local ");
  await endOfTask();
  assert.deepEqual(steps(editor.contents.ops), steps(text.toDelta()));
  assert.match(String(text), /> /);
  assert.equal(editor.replaced, 1);
});

test("after the end neither hears of the other, and a closed document detaches its editor", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  const [one, two] = [new PlainEditor("anything"), new PlainEditor("anything")];
  attach(text, one)();
  attach(text, two);
  one.edit([{ insert: "one" }]);
  two.edit([{ insert: "two" }]);
  await endOfTask();
  assert.deepEqual([String(text), two.contents.ops, one.contents.ops], ["two", [{ insert: "two" }], [{ insert: "one" }]]);
  await doc.close();
  const errors = reportedBy(() => {
    two.edit([{ insert: "!" }]);
    two.edit([{ insert: "!" }]);
  });
  assert.ok(errors.length > 0 && errors.every((error) => ["closed", "unsupported-content"].includes(error.code)));
});

test("messages that cannot be right change nothing, and a wrong edit begins anew", async () => {
  const doc = await openOffline();
  const text = doc.text("body");
  text.insert(0, "text");
  const { near, far, carry } = wire();
  serve(text, near);
  const editor = new PlainEditor("anything");
  connect(far, editor);
  const settle = () => ["near", "far", "near", "far"].forEach((end) => carry(Infinity, end));
  settle();
  const garbage = [
    null, 5, "open", [], {}, { type: "edit" }, { type: "edit", epoch: 1, version: -1, delta: [] }, { type: "contents", epoch: 9 },
    { type: "edit", epoch: 7, version: 0, delta: [{ insert: "x" }] }, { type: "edit", epoch: 1, version: 0, delta: [{ insert: 5 }] },
    { type: "edit", epoch: 1, version: 0, delta: "x" },
  ];
  for (const message of garbage) [near, far].forEach((port) => port.post(message));
  settle();
  assert.deepEqual([String(text), editor.contents.ops, editor.replaced], ["text", [{ insert: "text" }], 1]);
  const wrong = [{ version: 99, delta: [] }, { version: 0, delta: [{ retain: 99 }, { insert: "x" }] }, { version: 0, delta: [{ insert: "a", delete: 1 }] }];
  for (const [index, edit] of wrong.entries()) {
    far.post({ type: "edit", epoch: index + 1, ...edit });
    assert.equal(reportedBy(settle).length, 1);
    assert.deepEqual([String(text), editor.contents.ops, editor.replaced], ["text", [{ insert: "text" }], index + 2]);
  }
  editor.edit([{ insert: "a " }]);
  settle();
  assert.equal(String(text), "a text");
});
