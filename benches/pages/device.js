// Decides how a tab takes part in the measurement of what it has to do with the device and the other tabs.

import { open } from "/pkg/dist/index.browser.js";

/** Resolves when the status is as `condition` says. */
function until(doc, condition) {
  return new Promise((resolve) => {
    const check = (status) => condition(status) && (stop(), resolve());
    const stop = doc.on("status", check);
    check(doc.status);
  });
}

/** Opens the document, behind a SharedWorker if one is wanted; returns the milliseconds until it was synced. */
window.join = async ({ server, room, worker, options }) => {
  const began = performance.now();
  if (worker) {
    const name = new URLSearchParams({ server, room }).toString();
    const shared = new SharedWorker("/pages/worker.js", { type: "module", name });
    await new Promise((resolve) => (shared.port.onmessage = resolve));
  }
  window.doc = await open(server, room, options);
  window.body = window.doc.text("body");
  await until(window.doc, ({ phase }) => phase === "synced");
  window.seen = [];
  window.body.observe(({ origin }) => origin === "remote" && window.seen.push(performance.timeOrigin + performance.now()));
  return performance.now() - began;
};

/** Inserts letters with pauses; returns when each was inserted. */
window.type = async (count, pause) => {
  const times = [];
  for (let n = 0; n < count; n++) {
    times.push(performance.timeOrigin + performance.now());
    window.body.insert(window.body.length, "x");
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return times;
};

/** Inserts letters with pauses; returns the milliseconds until each was on the device. */
window.store = async (count, pause) => {
  const times = [];
  for (let n = 0; n < count; n++) {
    const began = performance.now();
    window.body.insert(window.body.length, "x");
    await window.doc.stored();
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return times;
};
