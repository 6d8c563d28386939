/**
 * Decides what a to-do is in the shared list, and how one is changed while others change the list too.
 *
 * An entry of a list cannot be changed in place, so toggling puts a changed copy where the old one was. Two people who toggle at once leave
 * two copies; entries are therefore found by id, of several copies the first counts, and the next change takes the others away.
 */

import type { Doc, List } from "syncline";
import { randomId } from "./random.js";

/** An entry of the list. A type rather than an interface, so that it is a plain JSON value to the compiler too. */
export type Todo = { id: string; done: boolean; label: string };

/** Returns the entries in order, each id once; what is no to-do is left out. */
export function readTodos(list: List): Todo[] {
  const todos = new Map<string, Todo>();
  for (const value of list.toJSON()) {
    const todo = todoFrom(value);
    if (todo !== null && !todos.has(todo.id)) todos.set(todo.id, todo);
  }
  return [...todos.values()];
}

export function addTodo(list: List, label: string): void {
  list.push({ id: randomId(12), done: false, label });
}

export function toggleTodo(doc: Doc, list: List, id: string): void {
  const todo = readTodos(list).find((entry) => entry.id === id);
  if (todo === undefined) return;
  doc.transact(() => {
    const at = removeCopies(list, id);
    list.insert(at, { ...todo, done: !todo.done });
  });
}

export function deleteTodo(doc: Doc, list: List, id: string): void {
  doc.transact(() => removeCopies(list, id));
}

/** Removes every copy and returns the index where the first was. */
function removeCopies(list: List, id: string): number {
  const copies = list.toJSON().flatMap((value, index) => (todoFrom(value)?.id === id ? [index] : []));
  for (const index of copies.toReversed()) list.delete(index, 1);
  return copies[0] ?? list.length;
}

function todoFrom(value: unknown): Todo | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, done, label } = value as Partial<Record<keyof Todo, unknown>>;
  return typeof id === "string" && typeof label === "string" ? { id, done: done === true, label } : null;
}
