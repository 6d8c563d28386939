// Decides how the start scripts read what they are given on the command line, and what they say of what is wrong with it.

import path from "node:path";
import { parseArgs } from "node:util";
import { Problem } from "./problem.mjs";

/** The values of these options, as `parseArgs` takes them, of the script that is run by `command`. */
export function readValues(options, command = "npm start") {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Problem(`${error.message.split(".")[0]}: \`${command} -- --help\` lists the options.`);
  }
}

/** The whole number from 1 that `--name` is given as; undefined where it is not given. */
export function readNumber(name, text, most) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new Problem(`--${name} is '${text}', it must be a whole number from 1 to ${most}.`);
}

/** The seeds `A..B` that `text` names; undefined where it names none. */
export function readSeeds(text) {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text)?.map(Number) ?? [];
  return from === undefined || to <= from ? undefined : { from, to };
}

/** Those of `known`, names of a `what`, that the comma-separated `list` has, in their own order; all where there is no list. */
export function readNames(what, known, list) {
  const names = list?.split(",") ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Problem(`There is no ${what} '${unknown}': choose from ${known.join(", ")}.`);
  return known.filter((name) => names.includes(name));
}

/** The port that `--port` names; undefined where it is not given. */
export function readPort(text) {
  return readNumber("port", text, 65535);
}

/** The folder that is meant: npm runs a script elsewhere than where the reader is. */
export function readFolder(text) {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), text);
}
