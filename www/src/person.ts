/** Decides what a person in the room is: the presence this page shares, and what it believes of the presence others share. */

import type { Doc } from "syncline";
import { recall, remember } from "./remembered.js";

/** A selected part of the text, in UTF-16 offsets. */
export interface Selection {
  readonly index: number;
  readonly length: number;
}

/** What a pane shares about its person. A type rather than an interface, so that it is a plain JSON value to the compiler too. */
export type Profile = {
  name: string;
  /** An index into the palette of style.css, so that each reader sees a colour that suits their light or dark theme. */
  color: number;
  cursor: { index: number; length: number } | null;
};

/** Somebody who is here. */
export interface Person {
  readonly id: number;
  readonly isSelf: boolean;
  readonly name: string;
  readonly color: number;
  readonly cursor: Selection | null;
}

/** How many colours the palette of style.css has. */
export const COLORS = 7;
/** The longest name, in UTF-16 units. */
export const NAME_LIMIT = 24;

/** Returns everybody in the room, this pane's own person first. */
export function peopleIn(doc: Doc): Person[] {
  const people: Person[] = [];
  for (const [id, state] of doc.presence.states) {
    const person = personFrom(id, id === doc.clientId, state);
    if (person !== null) people.push(person);
  }
  return people.sort((a, b) => Number(b.isSelf) - Number(a.isSelf) || a.id - b.id);
}

/** Returns the custom property of style.css that holds a person's colour. */
export function colorOf(color: number): string {
  return `var(--person-${color})`;
}

/** Returns one or two letters that stand for a name. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => Array.from(word ?? "")[0] ?? "");
  return letters.join("").toLocaleUpperCase() || "?";
}

/** Returns the name and colour a pane had before the reload, or new ones; the two panes of a window never get the same. */
export function profileFor(pane: "a" | "b"): Profile {
  const seed = Number(recall("tab", "seed") ?? Math.floor(Math.random() * 1000));
  remember("tab", "seed", String(seed));
  const nth = seed + (pane === "a" ? 0 : 1);
  const known = recall("tab", `name:${pane}`) ?? (pane === "a" ? recall("device", "name") : null);
  return { name: known ?? NAMES[nth % NAMES.length] ?? "Guest", color: nth % COLORS, cursor: null };
}

/** Remembers a name that was typed: this tab's for either pane, and "You" for tabs opened later. */
export function rememberName(pane: "a" | "b", name: string): void {
  remember("tab", `name:${pane}`, name);
  if (pane === "a") remember("device", "name", name);
}

/** Believes nothing: the other side may be any program that speaks to this room. */
function personFrom(id: number, isSelf: boolean, state: unknown): Person | null {
  if (typeof state !== "object" || state === null) return null;
  const { name, color, cursor } = state as Partial<Record<keyof Profile, unknown>>;
  return {
    id,
    isSelf,
    name: typeof name === "string" && name.trim() !== "" ? name.trim().slice(0, NAME_LIMIT) : "Guest",
    color: isIndex(color) && color < COLORS ? color : id % COLORS,
    cursor: selectionFrom(cursor),
  };
}

function selectionFrom(cursor: unknown): Selection | null {
  if (typeof cursor !== "object" || cursor === null) return null;
  const { index, length } = cursor as Partial<Record<keyof Selection, unknown>>;
  return isIndex(index) && isIndex(length) ? { index, length } : null;
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

// An odd step between names and colours (24 and 7) keeps two windows from looking alike.
const NAMES = (
  "Ada Grace Radia Alan Hedy Dennis Barbara Edsger Katherine Linus Margaret Tim " +
  "Frances Niklaus Adele Donald Evelyn Vint Sophie Ken Shafi Leslie Joan Tony"
).split(" ");
