// Decides how the native tests are built so that they can be run without cargo.

import { run } from "./run.mjs";

/**
 * Builds these tests of the crate; returns where the program of each is, by the name of the test.
 * @param {string[]} names
 * @param {string[]} flags of cargo
 * @param {import("./run.mjs").RunOptions} [options]
 * @returns {Promise<Map<string, string>>}
 */
export async function buildTests(names, flags, { onLine = () => {}, ...options } = {}) {
  const tests = names.flatMap((name) => ["--test", name]);
  const args = ["test", "--locked", ...flags, "--no-run", "--message-format=json-render-diagnostics", ...tests];
  const { stdout } = await run("cargo", args, { ...options, onLine: (line) => line.startsWith("{") || onLine(line) });
  const built = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return new Map(built.filter(({ executable }) => executable).map(({ target, executable }) => [target.name, executable]));
}
