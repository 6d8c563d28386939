/** Decides what the handles call in place of an instance of the wasm: the same functions, which outlive it. */

import { copied } from "./copied.js";
import { Kept, type Step } from "./kept.js";
import type { Raw, RawEvent } from "./raw.js";
import type { Exports } from "./syncline.js";
import { Vessel } from "./vessel.js";

type Call = (...args: any[]) => any;
type Calls = Partial<Record<keyof Exports, Call>>;

/** What edits. It is pending in the wasm until the end of the task. */
const EDITS = [
  "docApplyUpdate",
  "docRestore",
  "listCreate",
  "listDelete",
  "listInsert",
  "mapCreate",
  "mapDelete",
  "mapSet",
  "textApplyDelta",
  "textDelete",
  "textFormat",
  "textInsert",
  "typeRestore",
] as const satisfies readonly (keyof Exports)[];

/** What the application wants of a document beside its contents, which holds in the next instance too. */
const WISHES: { readonly [Name in keyof Exports]?: (doc: Kept, call: Step, argument: unknown) => void } = {
  docConnect: (doc) => doc.resume(),
  docReconnect: (doc) => doc.resume(),
  docDisconnect: (doc) => (doc.isWanted = false),
  docForget: (doc, call) => doc.wish("forget", call),
  docSetPresence: (doc, call) => doc.wish("presence", call),
  docUnwatchUpdates: (doc) => doc.unwish("updates"),
  docWatchUpdates: (doc, call) => doc.wish("updates", call),
  typeObserve: (doc, call, type) => doc.wish(`observe ${type}`, call),
  typeUnobserve: (doc, _, type) => doc.unwish(`observe ${type}`),
};

/** What the handles ask of an undo manager. */
const UNDO = ["undoCanRedo", "undoCanUndo", "undoClear", "undoRedo", "undoStop", "undoUndo"] as const;

/** The functions of the wasm that was compiled, in whichever instance there is. */
export function contained(module: WebAssembly.Module): Raw {
  const vessel = new Vessel(module);
  const calls: Calls = {};
  for (const name of vessel.names) calls[name] = passed(vessel, name);
  for (const name of EDITS) calls[name] = edited(vessel, name);
  for (const [name, note] of Object.entries(WISHES)) calls[name as keyof Exports] = wished(vessel, name as keyof Exports, note);
  for (const name of UNDO) calls[name] = undone(vessel, name);
  return { ...calls, ...documents(vessel), ...undoManagers(vessel), ...stored(vessel) } as unknown as Raw;
}

function passed(vessel: Vessel, name: keyof Exports): Call {
  return (...args) => vessel.run(calling(name, args), vessel.docs.get(args[0]));
}

function edited(vessel: Vessel, name: keyof Exports): Call {
  return (...args) => {
    const doc = vessel.docs.get(args[0]);
    if (!doc) return vessel.run(calling(name, args));
    let settled = 0;
    const answer = vessel.run((wasm) => {
      ({ settled } = doc);
      return (wasm[name] as Call)(...args);
    }, doc);
    // Otherwise it is written down already.
    if (doc.settled === settled) doc.noteEdit({ name, args: args.some(isObject) ? args.map(copied) : args });
    return answer;
  };
}

function wished(vessel: Vessel, name: keyof Exports, note: (doc: Kept, call: Step, argument: unknown) => void): Call {
  return (...args) => {
    const doc = vessel.docs.get(args[0]);
    const call = calling(name, args);
    const answer = vessel.run(call, doc);
    if (doc) note(doc, call, args[1]);
    vessel.catchUp();
    return answer;
  };
}

/** Each instance may have another number for the same manager. */
function undone(vessel: Vessel, name: (typeof UNDO)[number]): Call {
  return (id: number, manager: number) => {
    const doc = vessel.docs.get(id);
    return vessel.run((wasm) => wasm[name](id, doc?.undo(manager) ?? 0), doc);
  };
}

function undoManagers(vessel: Vessel): Calls {
  return {
    undoOpen: (id: number, scope: Uint32Array, captureTimeout: number) => {
      const doc = vessel.docs.get(id);
      const open = (wasm: Exports): number => wasm.undoOpen(id, scope, captureTimeout);
      const number = vessel.run(open, doc);
      return doc?.addUndo(number, open);
    },
    undoClose: (id: number, manager: number) => {
      const doc = vessel.docs.get(id);
      vessel.run((wasm) => wasm.undoClose(id, doc?.undo(manager) ?? 0), doc);
      doc?.removeUndo(manager);
    },
  };
}

function documents(vessel: Vessel): Calls {
  let last = 0;
  return {
    docOpen: (url: string, room: string, options: object | undefined, deliver: (event: RawEvent) => void) => {
      last += 1;
      const doc = new Kept(last, { url, room, options }, deliver, vessel.tellNext, vessel.condenseSoon);
      vessel.run((wasm) => doc.open(wasm));
      vessel.docs.set(doc.id, doc);
      return doc.id;
    },
    docClose: (id: number) => {
      const doc = vessel.docs.get(id);
      const forget = (): unknown => vessel.docs.delete(id);
      vessel.run((wasm) => wasm.docClose(id), doc, forget);
      vessel.catchUp();
      forget();
    },
    docCommit: (id: number) => {
      vessel.run((wasm) => wasm.docCommit(id), vessel.docs.get(id));
      vessel.catchUp();
    },
    docForgotten: (id: number) => {
      const doc = vessel.docs.get(id);
      const forgotten = vessel.run((wasm) => wasm.docForgotten(id), doc);
      for (const type of forgotten) doc?.unwish(`observe ${type}`);
      return forgotten;
    },
    docStatus: (id: number) => {
      const doc = vessel.docs.get(id);
      if (doc?.isBroken) return doc.last;
      const status = vessel.run((wasm) => wasm.docStatus(id), doc);
      return doc ? doc.shown(status) : status;
    },
  };
}

function stored(vessel: Vessel): Calls {
  return {
    listStored: (scope: unknown) => vessel.runLater((wasm) => wasm.listStored(scope)),
    forgetStored: (scope: unknown, name: unknown) => vessel.runLater((wasm) => wasm.forgetStored(scope, name)),
  };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** What calls the wasm with these arguments. */
function calling(name: keyof Exports, args: readonly unknown[]): Step {
  return (wasm) => (wasm[name] as Call)(...args);
}
