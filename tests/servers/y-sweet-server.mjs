// Decides how a test gets a real y-sweet server, with tokens that it checks, on a free port of loopback.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { freePort } from "../../scripts/lib/ports.mjs";

const PROGRAM = process.env.Y_SWEET;

/** Starts a server. `connection(doc, authorization)` gives what a client needs, as an application's own server would. */
export async function startYSweet() {
  const { stdout } = await promisify(execFile)(PROGRAM, ["gen-auth", "--json"]);
  const { private_key: key, server_token: token } = JSON.parse(stdout);
  const folder = await mkdtemp(path.join(tmpdir(), "syncline-y-sweet-"));
  const port = await freePort();
  const process_ = spawn(PROGRAM, ["serve", "--host", "127.0.0.1", "--port", String(port), "--auth", key, folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  process_.stderr.resume();
  await listening(process_);
  const http = `http://127.0.0.1:${port}`;
  const ask = async (where, body) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const response = await fetch(`${http}${where}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`y-sweet answered ${where} with ${response.status}`);
    return response.json();
  };
  return {
    async connection(docId, authorization = "full") {
      await ask("/doc/new", { docId });
      const { url, token } = await ask(`/doc/${docId}/auth`, { authorization });
      return { url, room: docId, options: { protocol: "y-sweet", token } };
    },
    close: async () => {
      process_.kill("SIGKILL");
      if (process_.exitCode === null && process_.signalCode === null) await once(process_, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the server has said that it listens. */
async function listening(server) {
  for await (const line of createInterface({ input: server.stdout })) {
    if (/Listening on/.test(line)) {
      server.stdout.resume();
      return;
    }
  }
  throw new Error("y-sweet ended before it listened");
}
