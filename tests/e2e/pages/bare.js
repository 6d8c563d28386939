// Decides what the tests can do with Syncline in a page: the module itself is `window.syncline`, one document `window.doc`.

import * as syncline from "/pkg/dist/index.browser.js";
import { until } from "/lib/until.mjs";

window.syncline = syncline;

/** Opens the page's document with a text "body", and remembers each status, with its time, and each problem. */
window.openDoc = async (server, room, options) => {
  window.doc = await syncline.open(server, room, options);
  window.body = window.doc.text("body");
  window.statuses = [{ ...window.doc.status, at: Date.now() }];
  window.doc.on("status", (status) => window.statuses.push({ ...status, at: Date.now() }));
  window.problems = [];
  window.doc.on("problem", (problem) => window.problems.push(problem));
};

/** Resolves with the first truthy value of `condition(argument)`, asked now and after all news of the document. */
window.until = (condition, argument, deadline) =>
  until(() => condition(argument), {
    sources: [...["status", "presence", "problem"].map((event) => (listener) => window.doc.on(event, listener)), (listener) => window.body.observe(listener)],
    state: () => ({ waitedFor: String(condition), status: window.doc.status, text: window.body.toString().slice(0, 500) }),
    deadline,
  });

/** Types a letter at the end in every frame, until `window.stopTyping()`; `window.typed` counts them. */
window.typed = 0;
window.startTyping = (letter) => {
  let typing = true;
  const stopped = (async () => {
    while (typing) {
      window.body.insert(window.body.length, letter);
      window.typed += 1;
      await nextFrame();
    }
  })();
  window.stopTyping = () => {
    typing = false;
    return stopped;
  };
};

/** What a failed call is to a test: its code, or that it did not fail. */
window.codeOf = async (call) => {
  try {
    await call();
    return "no error";
  } catch (error) {
    return error.code ?? String(error);
  }
};

/** As a person's next key press: after the microtasks, and after what the network brought. */
function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}
