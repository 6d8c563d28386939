// pycrdt-websocket under FastAPI, with its rooms in memory: each is gone with the last who leaves it.

import assert from "node:assert/strict";
import { testServer } from "./lib/cases.mjs";
import { PYCRDT } from "./pycrdt/adapter.mjs";

const HEALED_WITHIN_MS = 10_000;
const ROOMS = 8;
/** What applications have, not what is quick in tests. */
const DEFAULTS = { backoffBase: 250, backoffCap: 30_000 };

testServer(PYCRDT, {
  // The server accepts one of two who come to a fresh room at the same moment, and then never serves it.
  "two who come to a fresh room at the same moment are both served within 10 s": async (stage) => {
    const waits = [];
    for (let n = 0; n < ROOMS; n++) {
      const pair = () => stage.join({ ...DEFAULTS, room: `${stage.room}-${n}`, synced: false, connect: false });
      const clients = await Promise.all([pair(), pair()]);
      const since = performance.now();
      for (const { doc } of clients) doc.connect();
      waits.push(
        ...clients.map(async (client) => {
          await client.status(({ phase }) => phase === "synced");
          return performance.now() - since;
        }),
      );
    }
    const took = (await Promise.all(waits)).sort((a, b) => a - b).map(Math.round);
    stage.t.diagnostic(`after ${took.join(", ")} ms`);
    assert(took.at(-1) < HEALED_WITHIN_MS, `the last was served after ${took.at(-1)} ms`);
  },
});
