// The keys that undo, in a form element: what was edited there is undone, whatever others wrote, and selected as it was.

import assert from "node:assert/strict";
import test, { describe } from "node:test";
import { cleanup } from "./lib/cleanup.mjs";
import { BROWSERS, useBrowsers } from "./lib/input-tab.mjs";

const openTab = useBrowsers();

for (const kind of BROWSERS) {
  describe(kind, () => {
    /** An element whose keys undo edits of the text, each of which is a step of its own. */
    const open = async (own, options) => {
      const tab = await openTab(kind, own, options);
      await tab.run(() => {
        window.end();
        window.undo = window.doc.undo({ scope: [window.body], captureTimeout: 0 });
        window.end = window.bindInput(window.body, window.element, { undo: window.undo });
      });
      return tab;
    };

    test("what was replaced is selected again when it is undone, and the caret is behind it when it is redone", async (t) => {
      const own = cleanup(t);
      const [undone, redone] = [
        ["> one |two| three!", "> one two three!"],
        ["> one 2| three!", "> one 2 three!"],
      ];
      for (const how of ["type", "paste"]) {
        const tab = await open(own, { content: "one two three" });
        await tab.select(4, 7);
        await tab[how]("2");
        await tab.run(() => window.remote((body) => (body.insert(body.length, "!"), body.insert(0, "> "))));
        assert.deepEqual(await tab.state(), redone);
        await tab.press("Control", "z");
        assert.deepEqual(await tab.state(), undone);
        await tab.press("Control", "Shift", "z");
        assert.deepEqual(await tab.state(), redone);
        await tab.press("Control", "z");
        await tab.press("Control", "y");
        await tab.press("Control", "z");
        assert.deepEqual(await tab.state(), undone);
        await tab.press("Control", "z");
        assert.deepEqual(await tab.state(), undone, "nothing is left, and others are not undone");
        assert.deepEqual(tab.errors, []);
      }
    });

    test("each step has the caret where it was before, typed or deleted on either side", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "abcd" });
      await tab.select(2);
      for (const key of ["x", "Backspace", "Backspace", "Delete"]) await tab.press(key);
      assert.deepEqual(await tab.state(), ["a|d", "ad"]);
      const states = [];
      for (const keys of [["Control", "z"], ["Control", "y"]]) {
        for (let step = 0; step < 4; step += 1) {
          await tab.press(...keys);
          states.push(await tab.selected());
        }
      }
      assert.deepEqual(states.slice(0, 4), ["a|cd", "ab|cd", "abx|cd", "ab|cd"]);
      assert.deepEqual(states.slice(4), ["abx|cd", "ab|cd", "a|cd", "a|d"]);
      assert.deepEqual(tab.errors, []);
    });

    test("the element in which it was edited gets its selection back, others keep theirs", async (t) => {
      const own = cleanup(t);
      const tab = await open(own, { content: "abcd" });
      await tab.run(() => {
        window.another = document.body.appendChild(document.createElement("textarea"));
        window.bindInput(window.body, window.another, { undo: window.undo });
      });
      await tab.select(1, 3);
      await tab.press("x");
      await tab.run(() => {
        window.another.focus();
        window.another.setSelectionRange(0, 0);
      });
      await tab.press("Control", "z");
      const seen = () => tab.run(() => [window.element.value, window.another.value, window.another.selectionStart]);
      assert.deepEqual(await seen(), ["abcd", "abcd", 0]);
      await tab.press("y");
      await tab.run(() => window.element.focus());
      await tab.press("Control", "z");
      assert.deepEqual(await seen(), ["abcd", "abcd", 0]);
      assert.deepEqual(tab.errors, []);
    });
  });
}
