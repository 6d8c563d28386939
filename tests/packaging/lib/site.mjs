// Decides how a program that serves a project is run: on a free port, known to answer, and ended with all it started.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { freePort } from "../../../scripts/lib/ports.mjs";

/** How long a program may take to serve. */
const DEADLINE_MS = 60_000;

/**
 * Starts `program`, a script that Node runs, and resolves when a line that it prints matches `ready`. Where `CI` is set Vite
 * prints in colours, also to a pipe: what lines say is looked at without them.
 * @param {{ cwd: string, env: Record<string, string> }} serving
 * @param {(port: number) => string[]} args
 */
export async function startSite(serving, program, args, ready) {
  const port = await freePort();
  const child = spawn(process.execPath, [program, ...args(port)], { ...serving, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => child.kill();
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
  const site = { url: `http://127.0.0.1:${port}`, close: () => end(child) };
  try {
    await saying(child, ready);
  } catch (error) {
    await site.close();
    throw error;
  }
  return site;
}

function saying(child, ready) {
  return new Promise((resolve, reject) => {
    const said = [];
    const fail = (why) => reject(new Error(`${why}:\n${said.join("\n")}`));
    const timer = setTimeout(() => fail(`nothing is served after ${DEADLINE_MS / 1000} s`), DEADLINE_MS);
    child.once("error", ({ message }) => fail(message));
    child.once("close", () => {
      clearTimeout(timer);
      fail("the program has ended");
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (coloured) => {
        const line = stripVTControlCharacters(coloured);
        said.push(line);
        if (!ready.test(line)) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill();
  await closed;
}
