// Decides how the native tests are built so that they can be run without cargo.

import { Problem } from "./problem.mjs";
import { runToEnd } from "./run.mjs";

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
  const isForPrograms = (line) => line.startsWith("{");
  const { code, stdout, output } = await runToEnd("cargo", args, {
    ...options,
    onLine: (line) => isForPrograms(line) || onLine(line),
  });
  if (code !== 0) {
    const words = output.split("\n").filter((line) => !isForPrograms(line));
    throw new Problem(`\`cargo ${args.join(" ")}\` failed (exit code ${code}).`, { output: words.join("\n") });
  }
  const built = stdout.split("\n").filter(isForPrograms).map((line) => JSON.parse(line));
  return new Map(built.filter(({ executable }) => executable).map(({ target, executable }) => [target.name, executable]));
}
