// What is damaged on its way is noticed, and is right in the end, without anybody doing anything; `npm run corruption` does it
// for longer, beside y-websocket.

import assert from "node:assert/strict";
import test from "node:test";
import { ROWS, runRow } from "../corruption/lib/campaign.mjs";

const SEEDS = { from: 0, to: 3 };
const HEAL_MS = 60_000;
/** Asks for a sign of life, and with it for what is missing, soon. */
const IMPATIENT = { quietTimeout: 300, backoffBase: 20, backoffCap: 200 };

for (const row of ROWS.filter(({ where }) => where === "message")) {
  test(`half of some messages is lost, ${row.title}: all is the same in the end`, async (t) => {
    t.mock.method(console, "error", () => {});
    // Damage that makes another message of a message can be told by nobody; half of one is none.
    const tally = await runRow({ row: { ...row, ways: ["end"], edits: 60 }, kind: "syncline", ...SEEDS, jobs: 4, healMs: HEAL_MS, options: IMPATIENT });
    assert(tally.damaged > 0);
    assert.deepEqual([tally.same, tally.uncaught], [tally.sessions, []], JSON.stringify(tally.left));
    t.diagnostic(`${tally.damaged} messages of ${tally.sessions} sessions were damaged`);
  });
}
