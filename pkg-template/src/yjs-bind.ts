/** Decides how a Y.Doc and a document of Syncline stay the same: what one of them changes is applied to the other. */

import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import type { Doc } from "./doc.js";
import { report } from "./emitter.js";
import { SynclineError } from "./errors.js";
import type { Unsubscribe } from "./types.js";
import { bindAwareness } from "./yjs-awareness.js";

/** What `bind` may be told beside the documents. */
export interface BindOptions {
  /** What editor bindings show cursors by; it becomes the presence of the document. Default none. */
  readonly awareness?: Awareness;
  /** What the Y.Doc says to be the origin of changes that come from Syncline. Default the document itself. */
  readonly origin?: unknown;
}

/**
 * Keeps `ydoc` and `doc` the same from here on: first each gets what only the other has, then every change crosses in
 * the task in which it was made. The returned function ends it, as closing `doc` or destroying `ydoc` do. Throws a
 * SynclineError with code `unsupported-content` where `ydoc` has sub-documents; where one is put in later, the binding
 * ends and says why as an uncaught error.
 */
export function bind(doc: Doc, ydoc: Y.Doc, { awareness, origin = doc }: BindOptions = {}): Unsubscribe {
  if (ydoc.isDestroyed) throw new SynclineError("bad-argument", "the Y.Doc has been destroyed");
  const stops: Unsubscribe[] = [];
  const end = (): void => stops.splice(0).forEach((stop) => stop());

  const onEdit = (update: Uint8Array, from: unknown): void => {
    if (from === origin) return;
    try {
      doc.applyUpdate(update);
    } catch (error) {
      // What follows would wait for ever for what was refused. Yjs does not survive an error from here.
      end();
      report(endedBy(error));
    }
  };

  try {
    // Before the exchange, so that nothing is missed in between; Yjs passes over what it has.
    stops.push(doc.on("update", ({ update }) => Y.applyUpdate(ydoc, update, origin)));
    exchange(doc, ydoc, origin);
    stops.push(listen(ydoc, "update", onEdit), listen(ydoc, "destroy", end), doc.on("close", end));
    if (awareness) stops.push(bindAwareness(doc, awareness));
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

/** Gives each what only the other has. */
function exchange(doc: Doc, ydoc: Y.Doc, origin: unknown): void {
  const theirs = Y.encodeStateAsUpdate(ydoc, doc.stateVector());
  if (theirs.some((byte) => byte !== 0)) doc.applyUpdate(theirs);
  Y.applyUpdate(ydoc, doc.encodeUpdate(Y.encodeStateVector(ydoc)), origin);
}

function listen(ydoc: Y.Doc, name: "update", listener: (update: Uint8Array, origin: unknown) => void): Unsubscribe;
function listen(ydoc: Y.Doc, name: "destroy", listener: () => void): Unsubscribe;
function listen(ydoc: Y.Doc, name: "update" | "destroy", listener: (...args: never[]) => void): Unsubscribe {
  ydoc.on(name as "update", listener as () => void);
  return () => ydoc.off(name as "update", listener as () => void);
}

function endedBy(cause: unknown): SynclineError {
  const code = cause instanceof SynclineError ? cause.code : "internal";
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SynclineError(code, `the Y.Doc is no longer bound: ${why}`, { cause });
}
