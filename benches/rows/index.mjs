// Decides which rows there are, in the order of the results.

import { edits } from "./edits.mjs";
import { keystrokes } from "./keystrokes.mjs";
import { merging } from "./merging.mjs";
import { typing } from "./typing.mjs";

/** @type {import("../lib/runner.mjs").Row[]} */
export const ROWS = [typing, keystrokes, edits, merging];
