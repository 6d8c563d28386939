// Decides how other programs are run: their output is collected, passed on line by line, and shown whole when they fail.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Problem } from "./problem.mjs";

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] default: the project
 * @property {Record<string, string | undefined>} [env] added to the environment
 * @property {(line: string) => void} [onLine] told every line that the program prints
 * @property {(line: string) => boolean} [isEnough] whether nothing that comes after this line is wanted: the program is ended
 * @property {number} [timeoutMs] when to end it, for programs that may hang
 * @property {AbortSignal} [signal] ends it as well
 * @property {string} [problem] what to say when it fails (default: the command and its exit code)
 */

/**
 * Runs a program to its end, whatever the end is.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, stdout: string, output: string }>} `output` is stdout and stderr as they came;
 *   `code` is -1 when the program could not be started and 128 when a signal ended it
 */
export function runToEnd(
  command,
  args,
  { cwd = ROOT, env, onLine = () => {}, isEnough = () => false, timeoutMs, signal: aborts } = {},
) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, signal: aborts, stdio: ["ignore", "pipe", "pipe"] });
    // Nothing that was started outlives the script.
    const kill = () => child.kill();
    process.once("exit", kill);
    const stdout = [];
    const output = [];
    const collect = (stream, into) =>
      createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
        into?.push(line);
        output.push(line);
        onLine(line);
        if (isEnough(line)) child.kill();
      });
    collect(child.stdout, stdout);
    collect(child.stderr);
    const end = (code) => resolve({ code, stdout: stdout.join("\n"), output: output.join("\n") });
    child.on("error", (error) => {
      output.push(error.code === "ENOENT" ? `${command}: not found` : String(error.message));
      end(-1);
    });
    const timer = timeoutMs && setTimeout(() => {
      output.push(`${command} did not end within ${timeoutMs / 60_000} minutes`);
      child.kill();
      // What it started itself may hold its output open for ever.
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    }, timeoutMs);
    child.on("close", (code, signal) => {
      process.off("exit", kill);
      clearTimeout(timer);
      if (signal) output.push(`${command} was ended by ${signal}`);
      end(code ?? 128);
    });
  });
}

/**
 * Runs a program that has to succeed.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ stdout: string, output: string }>}
 */
export async function run(command, args, options = {}) {
  const { code, stdout, output } = await runToEnd(command, args, options);
  if (code === 0) return { stdout, output };
  const network = networkProblem(output);
  const said = options.problem ?? `\`${[command, ...args].join(" ")}\` failed (exit code ${code}).`;
  throw new Problem(network ? `${said} ${network}` : said, { output: network ? "" : output });
}

/** Whether a program that ends at once with success says that a command can be used; its stdout, else nothing. */
export async function probe(command, args, options) {
  const { code, stdout } = await runToEnd(command, args, options);
  return code === 0 ? stdout.trim() : undefined;
}

const NETWORK_FAILURES =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED|Could ?n[o']t resolve host|failed to download from|spurious network error|Temporary failure resolving|could not download file|network is unreachable|error sending request|Failed to establish a new connection/i;

function networkProblem(output) {
  if (!NETWORK_FAILURES.test(output)) return undefined;
  const why = output.split("\n").find((line) => NETWORK_FAILURES.test(line))?.trim().slice(0, 160);
  return `The network does not answer (${why}): connect to it, or set the proxy your network needs, and start again.`;
}
