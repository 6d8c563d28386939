// Decides which rows there are, in the order of the results.

import { arrival } from "./arrival.mjs";
import { catchingUp } from "./catching-up.mjs";
import { congestion } from "./congestion.mjs";
import { edits } from "./edits.mjs";
import { keystrokes } from "./keystrokes.mjs";
import { latency } from "./latency.mjs";
import { memory } from "./memory.mjs";
import { merging } from "./merging.mjs";
import { longKeystrokes } from "./million.mjs";
import { opening } from "./opening.mjs";
import { scaleOfDocuments } from "./scale-documents.mjs";
import { scaleOfText } from "./scale-text.mjs";
import { scaleOfUsers } from "./scale-users.mjs";
import { entries, size } from "./size.mjs";
import { typing } from "./typing.mjs";
import { wire } from "./wire.mjs";

/** @type {import("../lib/runner.mjs").Row[]} */
export const ROWS = [
  typing,
  keystrokes,
  longKeystrokes,
  opening,
  edits,
  merging,
  arrival,
  catchingUp,
  wire,
  congestion,
  latency,
  memory,
  size,
  entries,
  scaleOfDocuments,
  scaleOfText,
  scaleOfUsers,
];
