// Decides how a recorded editing session is replayed: 100 operations to a task, as calls and as transactions.

import { inPage } from "../lib/stage.mjs";

const TASK = 100;

export const typing = {
  name: "typing",
  title: `The session, ${TASK} operations to a task`,
  how: `Every operation of the session in order, ${TASK} of them in each task, with a listener for updates. "Calls":
each operation is a call of its own, which is a transaction of its own but for Syncline, where a task is one.
"Transactions": what a task has is put into one transaction; Syncline is called as before. Automerge's changes are
read one by one, as a listener would have them.`,
  rounds: { full: 3, quick: 1 },
  measurements: {
    calls: { title: "calls", unit: "ms", target: { ratio: 0.2 } },
    transactions: { title: "transactions", unit: "ms", target: { ratio: 0.7 } },
  },
  async round({ stage, library, operations }) {
    const [calls, transactions] = [
      await inPage(stage, library, replay, { operations, size: TASK, way: "calls" }),
      await inPage(stage, library, replay, { operations, size: TASK, way: "transactions" }),
    ];
    return { calls, transactions };
  },
};

/** In the page. */
async function replay({ operations, size, way }) {
  const { kit, library } = window;
  const session = (await kit.trace()).slice(0, operations);
  const text = await library.open();
  let bytes = 0;
  text.onUpdate((update) => (bytes += update.byteLength));
  const ways = {
    calls: (edits) => edits.forEach((edit) => kit.perform(text, edit)),
    transactions: (edits) => text.group((inner) => edits.forEach((edit) => kit.perform(inner, edit))),
  };
  const began = performance.now();
  for (let n = 0; n < session.length; n += size) {
    ways[way](session.slice(n, n + size));
    await kit.nextTask();
  }
  const took = performance.now() - began;
  const expected = session.reduce((length, [, deleted, inserted]) => length + inserted.length - deleted, 0);
  if (text.length() !== expected || bytes === 0) throw new Error(`${text.length()} characters instead of ${expected}, ${bytes} bytes`);
  return took;
}
