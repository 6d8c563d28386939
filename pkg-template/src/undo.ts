/** Decides how undo looks to the application. */

import { describe, isRecord } from "./check.js";
import { Observers } from "./emitter.js";
import { SynclineError } from "./errors.js";
import type { List } from "./list.js";
import type { MapType } from "./map.js";
import type { RawUndo } from "./raw.js";
import type { DocRef } from "./refs.js";
import type { Text } from "./text.js";
import type { Observer, Unsubscribe } from "./types.js";

/** All values of {@link UndoEvent.type}; a test compares them with those of the wasm. */
export const UNDO_CHANGES = [
  /** There is another step on top of the stack. */
  "added",
  /** More was edited that belongs to the step on top. */
  "extended",
  /** The step was undone or redone. */
  "popped",
  /** All steps of the stack are gone. */
  "cleared",
] as const;

/** All values of {@link UndoEvent.stack}; a test compares them with those of the wasm. */
export const UNDO_STACKS = [
  /** What can be undone. */
  "undo",
  /** What was undone. */
  "redo",
] as const;

/** What is undone, and how. */
export interface UndoOptions {
  /** The texts, maps and lists of this document whose edits are undone; what is nested in them belongs to them. */
  readonly scope: readonly (Text | MapType | List)[];
  /** Edits that follow each other within this time are one step, in milliseconds; 0: each transaction is. Default 500. */
  readonly captureTimeout?: number;
}

/** What is undone or redone at once. The same object as long as it is on its stack. */
export interface UndoStep {
  /** The application's own: to be set at `"added"` and taken back at `"popped"`, such as where the cursor was. */
  selection: unknown;
}

/** What happened to the steps: to one of them, or, at `"cleared"`, to all. */
export type UndoEvent =
  | { readonly type: Exclude<UndoChange, "cleared">; readonly stack: UndoStack; readonly step: UndoStep }
  | { readonly type: "cleared"; readonly stack: UndoStack; readonly step?: undefined };

type UndoChange = (typeof UNDO_CHANGES)[number];
type UndoStack = (typeof UNDO_STACKS)[number];

/** Undoes and redoes the edits that were made with the handles of this document, and of nobody else. */
export class UndoManager {
  readonly #doc: DocRef;
  readonly #number: number;
  readonly #onClose: () => void;
  readonly #observers = new Observers<UndoEvent>();
  readonly #steps = { undo: new Map<number, UndoStep>(), redo: new Map<number, UndoStep>() };
  #isOpen = true;

  /** @internal */
  constructor(doc: DocRef, number: number, onClose: () => void) {
    this.#doc = doc;
    this.#number = number;
    this.#onClose = onClose;
  }

  /** Takes the last step back; returns whether anything changed. Steps of which others have left nothing are passed over. */
  undo(): boolean {
    return this.#doc.raw.undoUndo(this.#doc.id, this.#id);
  }

  /** Does again what was undone last; returns whether anything changed. */
  redo(): boolean {
    return this.#doc.raw.undoRedo(this.#doc.id, this.#id);
  }

  /** Whether there is a step to undo. */
  get canUndo(): boolean {
    return this.#doc.raw.undoCanUndo(this.#doc.id, this.#id);
  }

  /** Whether there is a step to redo. */
  get canRedo(): boolean {
    return this.#doc.raw.undoCanRedo(this.#doc.id, this.#id);
  }

  /** Has the next edit begin a step. */
  stopCapturing(): void {
    this.#doc.raw.undoStop(this.#doc.id, this.#id);
  }

  /** Forgets all steps, and what was kept of deleted content for them. */
  clear(): void {
    this.#doc.raw.undoClear(this.#doc.id, this.#id);
  }

  /** Forgets all steps and captures no more; other methods throw with code `closed` then. Again it does nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.end();
    this.#onClose();
    if (this.#doc.isOpen) this.#doc.raw.undoClose(this.#doc.id, this.#number);
  }

  /** Calls `observer` whenever there are other steps; after the observers of the change that it comes from. */
  observe(observer: Observer<UndoEvent>): Unsubscribe {
    void this.#doc.id;
    void this.#id;
    return this.#observers.add(observer);
  }

  /** @internal */
  deliver({ change, stack, step }: RawUndo): void {
    const steps = this.#steps[stack];
    if (change === "cleared" || step === undefined) {
      steps.clear();
      return this.#observers.emit({ type: "cleared", stack });
    }
    const known = steps.get(step) ?? { selection: undefined };
    if (change === "popped") steps.delete(step);
    else steps.set(step, known);
    this.#observers.emit({ type: change, stack, step: known });
  }

  /** @internal */
  end(): void {
    this.#observers.clear();
    this.#steps.undo.clear();
    this.#steps.redo.clear();
  }

  get #id(): number {
    if (!this.#isOpen) throw new SynclineError("closed", "the undo manager is closed");
    return this.#number;
  }
}

/** Opens an undo manager. `roots` has the numbers of the handles of the document, `managers` those that are open. */
export function openUndo(
  doc: DocRef,
  roots: ReadonlyMap<object, number>,
  managers: Map<number, UndoManager>,
  options: UndoOptions,
): UndoManager {
  const id = doc.id;
  const { scope, captureTimeout = 500, ...others } = isRecord(options) ? options : missing(options);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw badOption(`undo has no option '${unknown}', only scope and captureTimeout`);
  if (typeof captureTimeout !== "number") throw badOption(`captureTimeout must be a number, not ${describe(captureTimeout)}`);
  const types = Uint32Array.from(numbersOf(scope, roots));
  const number = doc.raw.undoOpen(id, types, captureTimeout);
  const manager = new UndoManager(doc, number, () => managers.delete(number));
  managers.set(number, manager);
  return manager;
}

function numbersOf(scope: unknown, roots: ReadonlyMap<object, number>): number[] {
  if (!Array.isArray(scope) || scope.length === 0) {
    throw badArgument("the scope of undo must be a list of texts, maps or lists of the document");
  }
  return scope.map((handle) => {
    const number = roots.get(handle);
    if (number === undefined) {
      throw badArgument("the scope of undo may only hold what text(), map() and list() of this document returned");
    }
    return number;
  });
}

function missing(options: unknown): never {
  throw badArgument(`undo needs an object with a scope, not ${describe(options)}`);
}

function badArgument(message: string): SynclineError {
  return new SynclineError("bad-argument", message);
}

function badOption(message: string): SynclineError {
  return new SynclineError("bad-option", message);
}
