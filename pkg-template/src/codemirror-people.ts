/** Decides where the others are in a view, and what they are shown of its selection: as y-codemirror.next writes it. */

import { StateEffect, type ChangeDesc } from "@codemirror/state";
import type { EditorView, ViewUpdate } from "@codemirror/view";
import { isRecord } from "./check.js";
import { cursorAt } from "./codemirror-changes.js";
import { colorOf } from "./codemirror-colors.js";
import { shownBy, type TextSync } from "./codemirror-text.js";
import type { Cursor } from "./cursor.js";
import type { Doc } from "./doc.js";
import type { Text } from "./text.js";
import type { JsonValue, Phase, PresenceState, Status, Unsubscribe } from "./types.js";

/** Whoever writes in the view, as the others see them. */
export interface User {
  /** Stands at their caret. */
  readonly name: string;
  /** A colour of CSS. Default one by the client's id. */
  readonly color?: string;
  /** What y-codemirror.next shows behind what is selected. Default `color` with 20 % opacity, where it is `#rrggbb`. */
  readonly colorLight?: string;
}

/** Somebody else in the text. Positions are those in the view. */
export interface Person {
  readonly client: number;
  readonly name: string;
  /** What they chose, which may be anything. */
  readonly color: unknown;
  /** Where they say to be, as JSON. */
  readonly cursor: string;
  readonly anchor: number;
  readonly head: number;
  /** Grows when they move: by themselves, not because of what somebody wrote before them. */
  readonly moves: number;
}

/** Told to the view when the others have changed. */
export const peopleChanged = StateEffect.define<null>();

/** Names are shown up to here. */
const MAX_NAME = 60;
/** Phases in which nobody else is known to be here. */
const APART: readonly Phase[] = ["disconnected", "stopped", "closed"];

/** The others in one view, and its selection among theirs. */
export class People {
  readonly #view: EditorView;
  readonly #doc: Doc;
  readonly #text: Text;
  readonly #sync: TextSync;
  readonly #stops: readonly Unsubscribe[];
  #others: readonly Person[] = [];
  /** Whether they have to be found anew: somebody moved, or what they refer to may have come. */
  #isStale = true;
  /** What this view has told of its selection, as JSON. */
  #told = "null";

  /** Throws where the document is closed. */
  constructor(view: EditorView, doc: Doc, text: Text, sync: TextSync, user: User | undefined, onNews: () => void) {
    this.#view = view;
    this.#doc = doc;
    this.#text = text;
    this.#sync = sync;
    const refresh = (): void => {
      this.#isStale = true;
      onNews();
    };
    let { phase } = doc.status;
    const onStatus = (status: Status): void => {
      if (APART.includes(phase) !== APART.includes(status.phase)) refresh();
      phase = status.phase;
    };
    this.#stops = [doc.on("presence", refresh), doc.on("status", onStatus)];
    if (user) doc.presence.update({ user: asTold(user, doc.clientId) });
  }

  get others(): readonly Person[] {
    return this.#others;
  }

  /** Moves the others along with what was changed in the view. */
  update({ transactions }: ViewUpdate): void {
    for (const transaction of transactions) {
      if (!transaction.docChanged) continue;
      const { changes } = transaction;
      if (transaction.annotation(shownBy) === this.#sync) {
        this.#isStale = true;
        this.#others = this.#others.map((person) => (changes.touchesRange(person.head) ? moved(person) : person));
      }
      this.#others = this.#others.map((person) => carried(person, changes));
    }
  }

  /** Tells where we are and finds the others; to be called when view and text are the same. */
  settle(): void {
    this.#tell();
    if (!this.#isStale) return;
    this.#isStale = false;
    const before = JSON.stringify(this.#others);
    this.#others = this.#find();
    if (JSON.stringify(this.#others) !== before) this.#view.dispatch({ effects: peopleChanged.of(null) });
  }

  /** Takes back what was told. */
  destroy(): void {
    for (const stop of this.#stops) stop();
    if (this.#doc.status.phase !== "closed") this.#tellCursor(null);
  }

  #tell(): void {
    if (!this.#view.hasFocus) return this.#tellCursor(null);
    const { doc: content, selection } = this.#view.state;
    // Something was changed meanwhile, of which there will be news.
    if (content.length !== this.#text.length) return;
    const { anchor, head } = selection.main;
    const from = asPlace(cursorAt(this.#text, content, anchor));
    const to = head === anchor ? from : asPlace(cursorAt(this.#text, content, head));
    this.#tellCursor({ anchor: from, head: to });
  }

  #tellCursor(cursor: { readonly anchor: Place; readonly head: Place } | null): void {
    const { presence } = this.#doc;
    // Who shows nothing of themselves does not show a cursor either.
    if (presence.own === null) return;
    const [wanted, found] = [cursor, presence.own["cursor"] ?? null].map((value) => JSON.stringify(value));
    if (wanted === undefined || wanted === found) return;
    // The cursor may be in another view by now, whose it is.
    if (cursor === null && found !== this.#told) return;
    this.#told = wanted;
    presence.update({ cursor });
  }

  #find(): readonly Person[] {
    if (APART.includes(this.#doc.status.phase)) return [];
    const before = new Map(this.#others.map((person) => [person.client, person]));
    return [...this.#doc.presence.states].flatMap(([client, state]) => {
      if (client === this.#doc.clientId) return [];
      return this.#findOne(client, state, before.get(client)) ?? [];
    });
  }

  /** Everything that others show may be anything. */
  #findOne(client: number, { cursor, user }: PresenceState, before: Person | undefined): Person | undefined {
    if (!isRecord(cursor) || !isRecord(cursor["anchor"]) || !isRecord(cursor["head"])) return undefined;
    const anchor = this.#text.resolve(cursor["anchor"] as Cursor);
    const head = this.#text.resolve(cursor["head"] as Cursor);
    const end = this.#view.state.doc.length;
    if (anchor === undefined || head === undefined || anchor > end || head > end) return undefined;
    const { name, color } = isRecord(user) ? user : {};
    const shown = JSON.stringify(cursor);
    const moves = (before?.moves ?? 0) + (before && before.cursor !== shown ? 1 : 0);
    return { client, name: asName(name), color, cursor: shown, anchor, head, moves };
  }
}

/** A cursor with all of its fields: y-codemirror.next asks for each, and does not survive one that is missing. */
type Place = { readonly [Field in keyof Cursor]-?: JsonValue };

function asPlace({ type, tname, item, assoc }: Cursor): Place {
  return { type: type ? { ...type } : null, tname: tname ?? null, item: item ? { ...item } : null, assoc: assoc ?? 0 };
}

function asTold({ name, color, colorLight }: User, client: number): { readonly [field: string]: string } {
  const chosen = color ?? colorOf(client);
  return { name, color: chosen, colorLight: colorLight ?? (/^#[\da-f]{6}$/i.test(chosen) ? `${chosen}33` : chosen) };
}

function asName(name: unknown): string {
  return typeof name === "string" && name.trim() !== "" ? name.slice(0, MAX_NAME) : "Anonymous";
}

/** The person behind a change: a cursor stays before what follows it. */
function carried(person: Person, changes: ChangeDesc): Person {
  return { ...person, anchor: changes.mapPos(person.anchor, 1), head: changes.mapPos(person.head, 1) };
}

/** The person who has written what was changed at their caret: they have moved, though the cursor is the same. */
function moved(person: Person): Person {
  return { ...person, moves: person.moves + 1 };
}
