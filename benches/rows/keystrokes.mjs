// Decides how a recorded editing session is replayed one operation a task, each sent at once.

import { inPage } from "../lib/stage.mjs";

export const keystrokes = {
  name: "keystrokes",
  title: "The session, every operation a task of its own",
  how: `Every operation of the session in order, each followed by the end of its task, with a listener that is handed
the update of each. The end of a task is awaited as a microtask, which is when Syncline commits, by all libraries
alike: a turn of the event loop costs more than an edit and would be in every number. Nothing is subtracted. A turn of
the event loop is taken every 100 operations.`,
  rounds: { full: 3, quick: 1 },
  measurements: {
    all: { title: "all operations", unit: "ms", target: { ratio: 1 } },
    last: { title: "their last tenth", unit: "ms" },
  },
  round: ({ stage, library, operations }) => inPage(stage, library, replay, { operations }),
};

/** In the page. */
async function replay({ operations }) {
  const { kit, library } = window;
  const session = (await kit.trace()).slice(0, operations);
  const text = await library.open();
  let updates = 0;
  text.onUpdate(() => (updates += 1));
  const lastTenth = Math.floor(session.length * 0.9);
  let [began, tenth] = [performance.now(), 0];
  for (const [n, operation] of session.entries()) {
    if (n === lastTenth) tenth = performance.now();
    kit.perform(text, operation);
    await undefined;
    if (n % 100 === 99) await kit.nextTask();
  }
  const ended = performance.now();
  await kit.nextTask();
  if (updates < session.length) throw new Error(`${updates} updates of ${session.length} operations`);
  return { all: ended - began, last: ended - tenth };
}
