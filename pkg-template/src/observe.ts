/**
 * Decides how what the wasm has noted of a document looks to the application: the names are here, because the wasm
 * hands over numbers. A test compares both.
 */

import type { Options, Protocol } from "./options.js";
import { PHASES, PROBLEM_CODES, REASON_CODES } from "./types.js";

/** All kinds of {@link TraceEntry}, in the order of the wasm; `docs/observability.md` says what their details are. */
export const TRACE_KINDS = [
  "session",
  "document",
  "connect",
  "disconnect",
  "reconnect",
  "close",
  "forget",
  "edit",
  "apply",
  "presence",
  "post",
  "broadcast",
  "opened",
  "closed",
  "in",
  "out",
  "too-large",
  "buffered",
  "online",
  "offline",
  "visible",
  "hidden",
  "frozen",
  "timeout",
  "disk",
  "tab",
  "token",
  "open",
  "leave",
  "ask",
  "task",
  "phase",
  "problem",
] as const;

/** What can happen to a document and its connection. */
export type TraceKind = (typeof TRACE_KINDS)[number];

const MESSAGES = [
  "sync-step-1",
  "sync-step-2",
  "update",
  "awareness",
  "denied",
  "token",
  "token-wanted",
  "admitted",
  "receipt",
  "dismissed",
  "goodbye",
  "stateless",
  "marker",
  "ping",
  "pong",
  "query-awareness",
  "unknown",
  "piece",
  "foreign",
  "garbage",
  "too-large",
];

/** The words that entries of a kind have, in the order of the wasm; no other kind has one. */
export const TRACE_WORDS: { readonly [Kind in TraceKind]?: readonly string[] } = {
  in: MESSAGES,
  out: MESSAGES,
  disk: ["loaded", "written", "forgotten", "failed", "lost"],
  tab: ["granted", "lost", "message", "unavailable"],
  task: ["load", "write", "forget"],
  phase: PHASES,
  problem: PROBLEM_CODES,
};

/**
 * One thing that happened: when, in milliseconds since the connection was made, of what kind, and details. Those are a
 * word where the kind has some, a second one for `phase`, and up to four numbers, of which zeros at the end are left out.
 */
export type TraceEntry = readonly [milliseconds: number, kind: TraceKind, ...details: (string | number)[]];

/** What happened last to a document and its connection: plain JSON, to be attached to a report of a defect. */
export interface Trace {
  /** Of this format. */
  readonly version: 1;
  readonly protocol: Protocol;
  /** The options that are numbers, and `closeCodes`, as far as they were given. */
  readonly options: { readonly [name: string]: number | NonNullable<Options["closeCodes"]> };
  /** Which of the documents on the connection it is: the last number of entries that are about one, zero if left out. */
  readonly document: number;
  /** From which of the entries on none is missing; those before are the ones that are rare. */
  readonly completeFrom: number;
  /** How many entries there ever were. */
  readonly count: number;
  readonly entries: readonly TraceEntry[];
}

/** The names of all counters, in the order of the wasm. */
export const COUNTERS = [
  "attempts",
  "opened",
  "reconnects",
  "failures",
  "framesIn",
  "framesOut",
  "bytesIn",
  "bytesOut",
  "updatesIn",
  "updatesOut",
  "refused",
  "resyncs",
  "presenceIn",
  "presenceOut",
  "syncedMs",
  "heldBytes",
  "dropped",
  "proven",
  "latencyP50",
  "latencyP95",
  "latencyP99",
  "latencyMax",
] as const;

/**
 * What was counted since the document was opened. The first eight are about its connection, which others may share. All
 * grow only, but `heldBytes` (early changes that wait for what they build on) and the latencies (milliseconds from when a
 * message with edits was first sent to when they were shown to be held; of the last 128).
 */
export type Counters = { readonly [Name in (typeof COUNTERS)[number]]: number };

/** The counters as the wasm lists them. */
export function toCounters(numbers: ArrayLike<number>): Counters {
  return Object.fromEntries(COUNTERS.map((name, place) => [name, numbers[place] ?? 0])) as Counters;
}

/** The trace as the wasm lists it, of a document that was opened with `options`. */
export function toTrace([document = 0, completeFrom = 0, count = 0, ...numbers]: Iterable<number>, options: Options = {}): Trace {
  const entries: TraceEntry[] = [];
  for (let at = 0; at < numbers.length; at += ENTRY) entries.push(toEntry(numbers.slice(at, at + ENTRY)));
  const { protocol = "y-websocket" } = options;
  return { version: 1, protocol, options: publicOptions(options), document, completeFrom, count, entries };
}

/** How many numbers the wasm has for an entry. */
const ENTRY = 7;

function toEntry([milliseconds = 0, number = 0, place = 0, ...details]: number[]): TraceEntry {
  const kind = TRACE_KINDS[number] ?? "session";
  const words: string[] = [];
  const names = TRACE_WORDS[kind];
  if (names) words.push(names[place] ?? "");
  if (kind === "phase") words.push(REASON_CODES[details.shift()! - 1] ?? "");
  while (details.at(-1) === 0) details.pop();
  return [milliseconds, kind, ...words, ...details];
}

/** Nothing that tells who or where somebody is. */
function publicOptions(options: Options): Trace["options"] {
  const numbers = Object.entries(options).filter(([, value]) => typeof value === "number");
  const { closeCodes } = options;
  return { ...Object.fromEntries(numbers), ...(closeCodes && { closeCodes: { ...closeCodes } }) };
}
