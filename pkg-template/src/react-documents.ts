/** Decides when a document that components use is opened, which of them share it, and when it is closed. */

import type { Doc } from "./doc.js";
import type { Options } from "./options.js";
import { keyOf } from "./react-key.js";
import type { Unsubscribe } from "./types.js";

/** How a document is opened; see `open`. */
export type Open = (url: string, room: string, options?: Options) => Promise<Doc>;

/** What `useDoc` takes beside the address: what `open` takes, and which `open` that is. */
export interface DocOptions extends Options {
  /** The `open` to use, such as that of `syncline/inline`. Default that of `syncline`. */
  readonly open?: Open;
}

/** What a component asks for. */
export interface Wanted {
  readonly url: string;
  readonly room: string;
  readonly options: DocOptions;
}

/** What has come of opening a document. */
export type Opened =
  | { readonly phase: "opening" }
  | { readonly phase: "open"; readonly doc: Doc }
  | { readonly phase: "closed" }
  | { readonly phase: "failed"; readonly error: unknown };

/** A document that components hold. */
interface Held {
  opened: Opened;
  /** Those who hold it, and are told what came of opening it. */
  readonly holders: Set<() => void>;
  /** The options of the component that was rendered last: its functions are called. */
  options: DocOptions;
}

/** The documents in use, by the key of what was asked for. */
const documents = new Map<string, Held>();

const OPENING: Opened = { phase: "opening" };

/** The key of what a component asks for. */
export function keyOfWanted({ url, room, options }: Wanted): string {
  return keyOf([url, room, options]);
}

/** What has come of the document with this key. Does nothing but look. */
export function peek(key: string): Opened {
  return documents.get(key)?.opened ?? OPENING;
}

/** Has the functions of these options called from here on. */
export function renew(key: string, options: DocOptions): void {
  const held = documents.get(key);
  if (held) held.options = options;
}

/** Opens the document with this key, unless it is open, and keeps it until the returned function is called. */
export function hold(key: string, wanted: Wanted, open: Open, onChange: () => void): Unsubscribe {
  const held = documents.get(key) ?? start(key, wanted, open);
  // A function of its own: a component may hold twice.
  const holder = (): void => onChange();
  held.holders.add(holder);
  return () => {
    held.holders.delete(holder);
    if (held.holders.size === 0) releaseSoon(key, held);
  };
}

function start(key: string, wanted: Wanted, open: Open): Held {
  const held: Held = { opened: OPENING, holders: new Set(), options: wanted.options };
  documents.set(key, held);
  void tryToOpen(wanted, open, held).then((opened) => {
    settle(held, opened);
    // By the application, for who holds it: a closed document is of no use to them, and none that is open.
    if (opened.phase === "open") opened.doc.on("close", () => settle(held, { phase: "closed" }));
    if (held.holders.size === 0) releaseSoon(key, held);
  });
  return held;
}

function settle(held: Held, opened: Opened): void {
  held.opened = opened;
  for (const tell of [...held.holders]) tell();
}

async function tryToOpen({ url, room, options }: Wanted, open: Open, held: Held): Promise<Opened> {
  const { open: another = open, ...rest } = options;
  try {
    return { phase: "open", doc: await another(url, room, withLatest(rest, held)) };
  } catch (error) {
    return { phase: "failed", error };
  }
}

/** The options with a token function that asks the function of the latest render. */
function withLatest(options: Options, held: Held): Options {
  if (typeof options.token !== "function") return options;
  const { token } = options;
  return { ...options, token: () => (typeof held.options.token === "function" ? held.options.token : token)() };
}

/** In StrictMode, and from one page to the next, a document that was let go is held again within the same task. */
function releaseSoon(key: string, held: Held): void {
  setTimeout(() => void release(key, held));
}

/** Lets go of a document that nobody holds, once its edits are safe: in another component they would be expected. */
async function release(key: string, held: Held): Promise<void> {
  const isUnused = (): boolean => held.holders.size === 0 && documents.get(key) === held;
  if (!isUnused() || held.opened.phase === "opening") return;
  if (held.opened.phase === "open") {
    const { doc } = held.opened;
    await safe(doc);
    if (!isUnused()) return;
    documents.delete(key);
    await doc.close();
  } else {
    // So that whoever tries again opens again.
    documents.delete(key);
  }
}

/** Resolves when closing `doc` loses nothing, or waiting for that is of no use. */
async function safe(doc: Doc): Promise<void> {
  if (doc.status.phase === "disconnected") return;
  await Promise.any([doc.saved(), doc.stored()]).catch(() => undefined);
}
