// Decides how the cases meet y-sweet: with tokens that it checks and hands out as an application's own server would.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { bytesFrame } from "../lib/garbage.mjs";
import { untilInFile } from "../lib/on-disk.mjs";
import { startProcess } from "../lib/process.mjs";

const PROGRAM = process.env.Y_SWEET;
/** How the tokens of the cases are asked for. */
const TOKENS = { reader: { authorization: "read-only" }, expired: { authorization: "full", validForSeconds: 0 } };
const FULL = { authorization: "full" };

/** @type {import("../lib/adapter.mjs").Adapter} */
export const Y_SWEET = {
  name: "y-sweet 0.9.1",
  holds: "disk",
  yjs: true,
  reader: "reader",
  // The handshake is refused, which a client cannot tell from a server that is down.
  refusals: { bad: { phase: "waiting", code: "unreachable" }, expired: { phase: "waiting", code: "unreachable" } },
  start: startYSweet,
  frame: bytesFrame,
  written: ({ folder }, room, bytes) => untilInFile(folder, new RegExp(`^${room}/data\\.ysweet$`), bytes),
};

/** Starts a server. Its `place` is what an application's own server would tell a client that is allowed what `who` is. */
export async function startYSweet() {
  const { stdout } = await promisify(execFile)(PROGRAM, ["gen-auth", "--json"]);
  const { private_key: key, server_token: serverToken } = JSON.parse(stdout);
  const start = ({ port, folder }) => ({
    command: PROGRAM,
    args: ["serve", "--host", "127.0.0.1", "--port", String(port), "--auth", key, "--checkpoint-freq-seconds", "1", folder],
  });
  const process_ = await startProcess({ start, listening: /Listening on/ });
  const ask = async (where, body) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${serverToken}` };
    const response = await fetch(`http://127.0.0.1:${process_.port}${where}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`y-sweet answered ${where} with ${response.status}`);
    return response.json();
  };
  return Object.assign(process_, {
    place: async (room, who) => {
      await ask("/doc/new", { docId: room });
      const { url, token } = await ask(`/doc/${room}/auth`, TOKENS[who] ?? FULL);
      return { url, room, options: { protocol: "y-sweet", token: who === "bad" ? "AAAA" : token } };
    },
  });
}
