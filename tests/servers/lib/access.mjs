// Decides what must hold where a server checks who may do what.

import assert from "node:assert/strict";
import { untilText, untilTogether } from "./stage.mjs";

/** The cases that a server with tokens can show: who is refused, and where there are such, who may only read. */
export function ACCESS_CASES({ refusals, reader }) {
  const refused = Object.entries(refusals).map(([who, refusal]) => [
    `a token that is ${who} is refused, and the document can be edited`,
    (stage) => isRefused(stage, who, refusal),
  ]);
  return { ...Object.fromEntries(refused), ...GOOD, ...(reader && READER) };
}

async function isRefused(stage, who, { phase, code }) {
  const ada = await stage.join({ who, synced: false });
  const { reason } = await ada.status((status) => status.phase === phase && status.reason !== undefined);
  assert.equal(reason.code, code);
  ada.body.insert(0, "mine");
  assert.deepEqual([ada.body.toString(), ada.doc.status.unsynced], ["mine", 4]);
}

const GOOD = {
  "a token that is good opens the document": async (stage) => {
    const ada = await stage.join({ who: "editor" });
    ada.body.insert(0, "mine");
    await ada.doc.saved();
    assert.deepEqual([ada.doc.status.unsynced, ada.doc.status.refused], [0, 0]);
  },
};

const READER = {
  "edits of somebody who may only read are refused, told as a delta, and reach nobody": async (stage) => {
    const ada = await stage.join();
    ada.body.insert(0, "hello world");
    await ada.doc.saved();
    const reader = await stage.join({ who: stage.adapter.reader });
    await untilText(reader, "hello world");
    const refused = new Promise((resolve) => reader.doc.on("refused", resolve));
    reader.body.delete(0, 2);
    reader.body.insert(3, " cruel");
    const delta = [{ delete: 2 }, { retain: 3 }, { insert: " cruel" }];
    assert.deepEqual((await refused).changes, [{ type: "text", name: "body", delta }]);
    await reader.doc.saved();
    assert.deepEqual([reader.doc.status.unsynced, reader.doc.status.refused], [0, 8]);
    const eve = await stage.join();
    await untilTogether([ada, eve], ({ body }) => body.toString() === "hello world");
  },
};
