// Decides which sessions with damage are run: the same seeds for every client, on one server each, some at once.

import { startScriptedServer } from "../../e2e/lib/scripted-server.mjs";
import { runSession } from "./session.mjs";

/** What is damaged. */
export const ROWS = [
  { where: "message", directions: ["down"], title: "messages of the server to the client" },
  { where: "message", directions: ["up"], title: "messages of the client to the server" },
  { where: "message", directions: ["up", "down"], title: "messages in both directions" },
  { where: "stream", directions: ["up", "down"], title: "bytes of the stream in both directions" },
];

export const KINDS = ["syncline", "y-websocket"];

/**
 * Runs all sessions of a row with a kind of client.
 * @param {{ row: typeof ROWS[number], kind: string, from: number, to: number, jobs: number, healMs: number, options?: object,
 *   onSession?: () => void }} how
 * @returns {Promise<Tally>}
 * @typedef {{ sessions: number, damaged: number, same: number, other: number, missing: number, honest: number, healed: number[],
 *   uncaught: string[], left: object[] }} Tally `honest` is how many of those that ended `missing` do not say that they are in
 *   step; `healed` is after how many milliseconds the others were; `left` is of those that ended `missing`
 *   who has what
 */
export async function runRow({ row, kind, from, to, jobs, healMs, options, onSession = () => {} }) {
  const tally = { sessions: 0, damaged: 0, same: 0, other: 0, missing: 0, honest: 0, healed: [], uncaught: [], left: [] };
  const server = await startScriptedServer();
  const note = (error) => tally.uncaught.push(String(error));
  // Where a client throws in a listener, a page goes on, and so do we.
  process.on("uncaughtException", note);
  let next = from;
  const work = async () => {
    while (next < to) {
      const seed = next++;
      const { outcome, damaged, healedAfter, says, last } = await runSession({ kind, ...row, seed, server, healMs, options });
      tally.sessions += 1;
      tally.damaged += damaged;
      tally[outcome] += 1;
      if (outcome === "same") tally.healed.push(healedAfter);
      if (outcome === "missing") tally.left.push({ seed, says, ...last });
      if (outcome === "missing" && says !== "synced") tally.honest += 1;
      onSession();
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, work));
  } finally {
    await server.close();
    process.off("uncaughtException", note);
  }
  return tally;
}
