// A form element and a text are the same, whoever edits which of them how: typed, pasted, composed, reset, from far away.

import assert from "node:assert/strict";
import test, { describe } from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { BROWSERS, useBrowsers } from "./lib/input-tab.mjs";
import { seeds } from "./lib/random.mjs";

const openTab = useBrowsers();

for (const kind of BROWSERS) {
  describe(kind, () => {
    const open = (own, options) => openTab(kind, own, options);

    test("what is typed, deleted and pasted is edited where it was, and no more than that", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "aaaa" });
      await tab.select(2);
      await tab.type("a");
      assert.deepEqual(await tab.deltas(), [[{ retain: 2 }, { insert: "a" }]]);
      await tab.select(1);
      await tab.press("Delete");
      await tab.press("Backspace");
      assert.deepEqual(await tab.deltas(), [[{ retain: 1 }, { delete: 1 }], [{ delete: 1 }]]);
      await tab.select(1, 2);
      await tab.paste("bab");
      await tab.press("Enter");
      assert.deepEqual(await tab.state(), ["abab\n|a", "abab\na"]);
      assert.deepEqual(tab.errors, []);
    });

    test("what others write leaves the selection, its direction and the place that is shown", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "one two three" });
      await tab.select(4, 7, "backward");
      const after = async (edit) => {
        await tab.run(edit);
        return tab.selected();
      };
      assert.equal(await after(() => window.remote((body) => body.insert(0, "> "))), "> one |two| three");
      assert.equal(await after(() => window.remote((body) => body.insert(9, "!"))), "> one |two|! three");
      assert.equal(await after(() => window.remote((body) => body.insert(6, "a"))), "> one a|two|! three");
      assert.equal(await after(() => window.remote((body) => body.insert(8, "o"))), "> one a|towo|! three");
      assert.equal(await after(() => window.remote((body) => body.delete(0, 8))), "|owo|! three");
      assert.equal(await tab.run(() => window.element.selectionDirection), "backward");
      await tab.select(3);
      assert.equal(await after(() => window.remote((body) => body.insert(3, "…"))), "owo|…! three");
      assert.equal(await after(() => window.remote((body) => body.delete(1, 6))), "o|hree");

      // Firefox scrolls to what was selected at its next frame.
      const frame = () => tab.run(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
      await tab.run(() => window.remote((body) => body.insert(0, "line\n".repeat(200))));
      await frame();
      await tab.run(() => (window.element.scrollTop = 500));
      await frame();
      await tab.run(() => window.remote((body) => body.insert(1000, "end")));
      await frame();
      assert.equal(await tab.run(() => window.element.scrollTop), 500);
      assert.deepEqual(tab.errors, []);
    });

    test("nothing takes the focus, and elements that nobody can edit follow too", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "a", attributes: { readOnly: true, maxLength: 3 } });
      const seen = await tab.run(() => {
        const another = document.body.appendChild(document.createElement("input"));
        another.disabled = true;
        window.bindInput(window.body, another);
        const elsewhere = document.body.appendChild(document.createElement("button"));
        elsewhere.focus();
        window.remote((body) => body.insert(1, "bcdef"));
        return [window.element.value, another.value, document.activeElement === elsewhere];
      });
      assert.deepEqual(seen, ["abcdef", "abcdef", true]);
    });

    test("an element stops at its longest text, and shows what others write beyond", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "ab", attributes: { maxLength: 3 } });
      await tab.select(2);
      await tab.type("cd");
      assert.deepEqual(await tab.state(), ["abc|", "abc"]);
      await tab.run(() => window.remote((body) => body.insert(0, "more ")));
      await tab.type("x");
      assert.deepEqual(await tab.state(), ["more abc|", "more abc"]);
      await tab.press("Backspace");
      assert.deepEqual(await tab.state(), ["more ab|", "more ab"]);
    });

    test("surrogate pairs are replaced as a whole", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "😀😀" });
      await tab.select(0, 2);
      await tab.paste("😁");
      assert.deepEqual(await tab.deltas(), [[{ insert: "😁" }, { delete: 2 }]]);
      await tab.select(4);
      await tab.press("Backspace");
      assert.deepEqual(await tab.state(), ["😁|", "😁"]);
      await tab.run(() => {
        window.element.value = "\uD83D x";
        window.element.dispatchEvent(new Event("input"));
      });
      assert.deepEqual(await tab.state(), ["\uFFFD x|", "\uFFFD x"]);
      assert.deepEqual(tab.errors, []);
    });

    test("a textarea shows every kind of line break as one, and edits around it leave it as it is", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "a\r\nb\rc\nd" });
      assert.equal(await tab.run(() => window.element.value), "a\nb\nc\nd");
      await tab.select(3);
      await tab.type("B");
      assert.deepEqual(await tab.state(), ["a\nbB|\nc\nd", "a\r\nbB\rc\nd"]);
      await tab.select(2);
      await tab.press("Backspace");
      assert.deepEqual(await tab.state(), ["a|bB\nc\nd", "abB\rc\nd"]);
      await tab.select(4);
      await tab.press("Enter");
      await tab.run(() => window.remote((body) => body.insert(0, "\r\n")));
      assert.equal(await tab.run(() => window.element.value), "\nabB\n\nc\nd");
      assert.deepEqual(tab.errors, []);
    });

    test("an input shows line breaks as spaces, and keeps them", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { tag: "input", content: "a\r\nb\nc" });
      await tab.select(3);
      await tab.type("B");
      assert.deepEqual(await tab.state(), ["a bB| c", "a\r\nbB\nc"]);
      await tab.select(2);
      await tab.press("Backspace");
      assert.deepEqual(await tab.state(), ["a|bB c", "abB\nc"]);
    });

    test("what is no text is one character, which can be deleted", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "ab" });
      await tab.run(() => window.remote((body) => body.applyDelta([{ retain: 1 }, { insert: { image: "a.png" } }])));
      assert.equal(await tab.run(() => window.element.value), "a\uFFFCb");
      await tab.select(3);
      await tab.type("c");
      assert.deepEqual(await tab.run(() => window.body.toDelta()), [{ insert: "a" }, { insert: { image: "a.png" } }, { insert: "bc" }]);
      await tab.select(2);
      await tab.press("Backspace");
      assert.deepEqual(await tab.run(() => window.body.toDelta()), [{ insert: "abc" }]);
    });

    test("what a program or a reset puts into the element is an edit", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "ab" });
      await tab.run(() => {
        window.element.value = "axb";
        window.remote((body) => body.insert(2, "c"));
      });
      assert.equal(await tab.run(() => window.body.toString()), "axbc");
      assert.equal(await tab.run(() => window.element.value), "axbc");
      const texts = await tab.run(async () => {
        const form = document.body.appendChild(document.createElement("form"));
        form.append(window.element);
        const changed = new Promise((resolve) => window.body.observe(resolve));
        form.reset();
        await changed;
        return [window.element.value, window.body.toString()];
      });
      assert.deepEqual(texts, ["", ""]);
    });

    test("several elements show one text", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "ab" });
      await tab.run(() => {
        window.another = document.body.appendChild(document.createElement("textarea"));
        window.endAnother = window.bindInput(window.body, window.another);
      });
      await tab.select(1);
      await tab.type("xy");
      assert.equal(await tab.run(() => window.another.value), "axyb");
      await tab.run(() => window.another.focus());
      await tab.press("Control", "End");
      await tab.type("!");
      const both = () => tab.run(() => [window.element.value, window.another.value, window.body.toString()]);
      assert.deepEqual(await both(), ["axyb!", "axyb!", "axyb!"]);
      await tab.run(() => window.endAnother());
      await tab.type("?");
      assert.deepEqual(await both(), ["axyb!", "axyb!?", "axyb!"]);
    });

    test("the binding ends by itself when the document is closed, and says so", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "ab" });
      await tab.run(async () => {
        window.reported = [];
        window.reportError = ({ code }) => window.reported.push(code);
        await window.doc.close();
      });
      await tab.type("xy");
      assert.deepEqual(await tab.run(() => [window.reported, window.element.value.length]), [["closed"], 4]);
    });

    test("the keys that undo lead to the steps of the document, which remember what was selected", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "one two" });
      await tab.run(() => {
        window.end();
        window.asked = [];
        const ask = (what) => () => (window.asked.push(what), true);
        const observe = (tell) => {
          window.tell = tell;
          return () => (window.tell = undefined);
        };
        window.end = window.bindInput(window.body, window.element, { undo: { undo: ask("undo"), redo: ask("redo"), observe } });
      });
      await tab.select(4, 7, "backward");
      await tab.type("2");
      await tab.run(() => {
        window.step = {};
        window.tell({ type: "added", stack: "undo", step: window.step });
      });
      await tab.run(() => window.remote((body) => body.insert(0, "> ")));
      await tab.press("Control", "z");
      assert.deepEqual(await tab.run(() => window.asked.splice(0)), ["undo"]);
      await tab.run(() => {
        const redone = {};
        window.doc.transact(() => (window.body.delete(6, 1), window.body.insert(6, "two")));
        window.tell({ type: "added", stack: "redo", step: redone });
        window.tell({ type: "popped", stack: "undo", step: window.step });
        window.step = redone;
      });
      assert.deepEqual(await tab.state(), ["> one |two|", "> one two"]);

      await tab.press("Control", "Shift", "z");
      await tab.press("Control", "y");
      assert.deepEqual(await tab.run(() => window.asked.splice(0)), ["redo", "redo"]);
      await tab.run(() => {
        window.doc.transact(() => (window.body.insert(9, "2"), window.body.delete(6, 3)));
        window.tell({ type: "popped", stack: "redo", step: window.step });
        window.tell({ type: "cleared", stack: "undo" });
        window.tell({ type: "popped", stack: "undo", step: { selection: "of somebody else" } });
      });
      assert.deepEqual(await tab.state(), ["> one 2|", "> one 2"]);
      await tab.press("Control", "b");
      await tab.press("z");
      assert.deepEqual(await tab.run(() => [window.asked, window.body.toString()]), [[], "> one 2z"]);
      await tab.run(() => window.end());
      assert.equal(await tab.run(() => window.tell), undefined);
      assert.deepEqual(tab.errors, []);
    });

    test("any mixture of edits by hand and by others ends with the same on both sides", async (t) => {
      const own = cleanup(t);
      for (const [tag, seed] of [["textarea", ...seeds(1)], ["input", ...seeds(2)]]) {
        const tab = await open(own, { tag, content: "one\r\ntwo 😀\nthree" });
        const differences = await tab.run(async (lineBreak, seed) => {
          const { below, chance, pick } = (await import("/lib/random.mjs")).random(seed);
          const pieces = ["a", "aa", " ", "😀", "😁", "b\nc", "\r\n", "\n", "é"];
          const isSplit = (text, at) => /[\uDC00-\uDFFF]/.test(text[at] ?? "");
          const place = (text) => {
            const at = below(text.length + 1);
            return isSplit(text, at) ? at - 1 : at;
          };
          const byHand = () => {
            const { value } = window.element;
            window.element.setSelectionRange(...[place(value), place(value)].sort((a, b) => a - b));
            if (chance(0.7)) document.execCommand("insertText", false, pick(pieces));
            else document.execCommand("delete");
          };
          const byOthers = (body) => {
            const text = body.toString();
            const [from, to] = [place(text), place(text)].sort((a, b) => a - b);
            if (chance(0.7)) body.insert(from, pick(pieces));
            else if (to - from < 6) body.delete(from, to - from);
          };
          const found = [];
          for (let step = 0; step < 300 && found.length === 0; step += 1) {
            if (chance(0.5)) byHand();
            else window.remote(byOthers);
            const wanted = window.body.toString().replace(/\r\n?|\n/g, lineBreak);
            if (window.element.value !== wanted) found.push(step, window.element.value, wanted);
          }
          return found;
        }, tag === "input" ? " " : "\n", seed);
        assert.deepEqual(differences, [], `${tag}, seed ${seed}`);
        assert.deepEqual(tab.errors, []);
      }
    });
  });
}

test("what others write while a text is composed waits until it is, and then both are there", async (t) => {
  const own = cleanup(t);
  const tab = await openTab("chromium", own, { content: "one two" });
  const devtools = await tab.devtools();
  const compose = (text) => devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  await tab.select(4, 7);
  await compose("に");
  assert.deepEqual(await tab.state(), ["one に|", "one に"]);
  await tab.run(() => window.remote((body) => body.applyDelta([{ insert: "> " }, { retain: 3 }, { insert: "," }])));
  await compose("にほ");
  assert.deepEqual(await tab.state(), ["one にほ|", "> one, に"], "the element is left alone");
  await devtools.send("Input.insertText", { text: "日本" });
  assert.deepEqual(await tab.state(), ["> one, 日本|", "> one, 日本"]);
  await tab.type("!");
  assert.deepEqual(await tab.state(), ["> one, 日本!|", "> one, 日本!"]);
  assert.deepEqual(tab.errors, []);
});

test("what is no element for text is refused, and so is one that is bound", async (t) => {
  const own = cleanup(t);
  const tab = await openTab("chromium", own);
  const messages = await tab.run(() => {
    const message = (element) => {
      try {
        window.bindInput(window.body, element);
        return "";
      } catch ({ code, message }) {
        return `${code}: ${message}`;
      }
    };
    const number = Object.assign(document.createElement("input"), { type: "number" });
    return [message(number), message(document.createElement("div")), message(null), message(window.element)];
  });
  const must = "bad-argument: the element must be a <textarea> or an <input> of type text, search, tel, password, not";
  const bound = "bad-argument: the element is bound to a text already";
  assert.deepEqual(messages, [`${must} an <input> of type 'number'`, `${must} div`, `${must} null`, bound]);
});
