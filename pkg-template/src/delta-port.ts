/** Decides what a text and an editor tell each other that live apart: in a frame, a worker, a native view. */

import type { DeltaEditor } from "./delta-attach.js";
import { attach } from "./delta-attach.js";
import { isRecord } from "./check.js";
import { Concurrent } from "./delta-concurrent.js";
import { growth, type Ending } from "./delta-shown.js";
import { report } from "./emitter.js";
import { SynclineError } from "./errors.js";
import type { Text } from "./text.js";
import type { TextDelta, Unsubscribe } from "./types.js";

/**
 * What the two sides send each other: plain JSON. An editor says `"open"` and is given the `"contents"`; from then on each
 * side sends its edits, with how many of the other's it has seen. `epoch` counts the contents: what belongs to earlier
 * ones is passed over.
 */
export type DeltaMessage =
  | { readonly type: "open"; readonly ending: Ending }
  | { readonly type: "contents"; readonly epoch: number; readonly delta: readonly TextDelta[] }
  | { readonly type: "edit"; readonly epoch: number; readonly version: number; readonly delta: readonly TextDelta[] };

/** A way to the other side, on which messages neither get lost nor overtake each other. */
export interface DeltaPort {
  post(message: DeltaMessage): void;
  /** Has `listener` told of every message of the other side; returns what ends it. */
  onMessage(listener: (message: unknown) => void): Unsubscribe;
}

/**
 * The side of the text: gives whoever opens the other side the content, and keeps the two the same until the returned
 * function is called. A message that cannot be right has the editor begin anew with what the text holds.
 */
export function serve(text: Text, port: DeltaPort): Unsubscribe {
  let attached: Unsubscribe | undefined;
  let editor: RemoteEditor | undefined;
  let epoch = 0;
  const detach = (): void => {
    attached?.();
    attached = undefined;
  };
  const begin = (ending: Ending): void => {
    detach();
    const remote = new RemoteEditor(port, ending, () => (epoch += 1));
    editor = remote;
    attached = attach(text, remote);
  };
  const stop = port.onMessage((message) => {
    if (isOpening(message)) return begin(message.ending === "newline" ? "newline" : "anything");
    if (!editor || !attached || !isEdit(message) || message.epoch !== epoch) return;
    try {
      editor.handleEdit(message);
    } catch (error) {
      report(error);
      begin(editor.ending);
    }
  });
  return () => {
    stop();
    detach();
  };
}

/**
 * The side of the editor: shows in `editor` what the other side serves, and sends what is edited. What is edited before
 * the content has come is replaced by it. Ends when the returned function is called.
 */
export function connect(port: DeltaPort, editor: DeltaEditor): Unsubscribe {
  const side = new Side("second");
  const ending = editor.ending ?? "anything";
  let epoch = 0;
  let length = 0;
  const open = (): void => {
    epoch = 0;
    port.post({ type: "open", ending });
  };
  /** What came is in the editor, unless that shows something else: then all is asked for again, behind what was sent. */
  const check = (delta: readonly TextDelta[]): void => {
    length += growth(delta);
    if (editor.length && editor.length() !== length) open();
  };
  const stops = [
    port.onMessage((message) => {
      if (isContents(message)) {
        epoch = message.epoch;
        side.begin();
        editor.setContents([...message.delta]);
        length = editor.length?.() ?? 0;
      } else if (epoch > 0 && isEdit(message) && message.epoch === epoch) {
        const delta = side.receive(message);
        if (delta.length > 0) editor.updateContents(delta);
        check(delta);
      }
    }),
    editor.onChange((delta) => {
      if (epoch === 0) return;
      length += growth(delta);
      port.post({ type: "edit", epoch, ...side.send(delta) });
    }),
  ];
  open();
  return () => stops.splice(0).forEach((stop) => stop());
}

/** One of two sides: what it has sent, and how much it has seen. */
class Side {
  readonly #sent: Concurrent;
  /** How many edits of the other side came. */
  #received = 0;
  /** How many of ours the other side has seen. */
  #seen = 0;

  constructor(order: "first" | "second") {
    this.#sent = new Concurrent(order);
  }

  begin(): void {
    this.#sent.clear();
    [this.#received, this.#seen] = [0, 0];
  }

  send(delta: readonly TextDelta[]): { version: number; delta: readonly TextDelta[] } {
    this.#sent.add(delta);
    return { version: this.#received, delta };
  }

  /** An edit of the other side, for where all of ours is done. */
  receive({ version, delta }: { readonly version: number; readonly delta: readonly TextDelta[] }): TextDelta[] {
    if (version < this.#seen || version > this.#seen + this.#sent.unseen) {
      throw new SynclineError("bad-argument", `an editor says that it has seen ${version} edits`);
    }
    this.#sent.see(version - this.#seen);
    this.#seen = version;
    this.#received += 1;
    return this.#sent.receive(delta);
  }
}

/** The far editor as `attach` sees it: where all that was sent is done already. */
class RemoteEditor implements DeltaEditor {
  readonly ending: Ending;
  readonly #port: DeltaPort;
  readonly #nextEpoch: () => number;
  readonly #side = new Side("first");
  #epoch = 0;
  #listener: ((delta: readonly TextDelta[]) => void) | undefined;

  constructor(port: DeltaPort, ending: Ending, nextEpoch: () => number) {
    this.ending = ending;
    this.#port = port;
    this.#nextEpoch = nextEpoch;
  }

  setContents(delta: TextDelta[]): void {
    this.#epoch = this.#nextEpoch();
    this.#side.begin();
    this.#port.post({ type: "contents", epoch: this.#epoch, delta });
  }

  updateContents(delta: TextDelta[]): void {
    this.#port.post({ type: "edit", epoch: this.#epoch, ...this.#side.send(delta) });
  }

  onChange(listener: (delta: readonly TextDelta[]) => void): Unsubscribe {
    this.#listener = listener;
    return () => (this.#listener = undefined);
  }

  handleEdit(message: Edit): void {
    this.#listener?.(this.#side.receive(message));
  }
}

type Message<Type> = Extract<DeltaMessage, { type: Type }>;
type Edit = Message<"edit">;

function isOpening(message: unknown): message is Message<"open"> {
  return isRecord(message) && message["type"] === "open";
}

function isContents(message: unknown): message is Message<"contents"> {
  return isRecord(message) && message["type"] === "contents" && isCount(message["epoch"]) && isDelta(message["delta"]);
}

function isEdit(message: unknown): message is Edit {
  if (!isRecord(message) || message["type"] !== "edit") return false;
  return isCount(message["epoch"]) && isCount(message["version"]) && isDelta(message["delta"]);
}

function isDelta(delta: unknown): delta is TextDelta[] {
  return Array.isArray(delta) && delta.every(isStep);
}

function isStep(step: unknown): step is TextDelta {
  if (!isRecord(step)) return false;
  const { insert, retain, delete: deleted, attributes } = step as { [name: string]: unknown };
  if (attributes !== undefined && !isRecord(attributes)) return false;
  return typeof insert === "string" || isRecord(insert) || isCount(retain) || isCount(deleted);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
