// Decides how a program that serves a project is run: on a free port, known to answer, and ended with all it started.

import { freePort } from "../../../scripts/lib/ports.mjs";
import { startProgram } from "../../../scripts/lib/program.mjs";

/** How long a program may take to serve. */
const DEADLINE_MS = 60_000;

/**
 * Starts `program`, a script that Node runs, and resolves when a line that it prints matches `ready`.
 * @param {{ cwd: string, env: Record<string, string> }} serving
 * @param {(port: number) => string[]} args
 */
export async function startSite(serving, program, args, ready) {
  const port = await freePort();
  const command = { name: "The program that serves", command: process.execPath, args: [program, ...args(port)] };
  const running = await startProgram({ ...serving, ...command, ready, deadlineMs: DEADLINE_MS });
  return { url: `http://127.0.0.1:${port}`, close: () => running.stop() };
}
