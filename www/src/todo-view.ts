/** Decides how the to-do list looks and is worked: rows are kept by id, so that the focus survives what others do to the list. */

import type { Doc } from "syncline";
import { find, make } from "./dom.js";
import { addTodo, deleteTodo, readTodos, toggleTodo, type Todo } from "./todos.js";

interface Row {
  readonly item: HTMLLIElement;
  readonly box: HTMLInputElement;
  readonly label: HTMLSpanElement;
  readonly remove: HTMLButtonElement;
}

/** Shows the list "todos" of `doc` under `root`. */
export function connectTodos(root: HTMLElement, doc: Doc): void {
  const list = doc.list("todos");
  const rows = new Map<string, Row>();
  const items = find(root, "[data-part=todo-list]", HTMLUListElement);
  const count = find(root, "[data-part=todo-count]", HTMLElement);
  const empty = find(root, "[data-part=todo-empty]", HTMLElement);
  const form = find(root, ".todo-form", HTMLFormElement);
  const input = find(form, "input", HTMLInputElement);

  const draw = (): void => {
    const todos = readTodos(list);
    for (const [id, { item }] of rows) {
      if (todos.some((todo) => todo.id === id)) continue;
      item.remove();
      rows.delete(id);
    }
    todos.forEach((todo, index) => {
      const row = rows.get(todo.id) ?? create(todo.id);
      fill(row, todo);
      // Moving a row drops the focus in it, so rows that are in place stay untouched.
      if (items.children[index] !== row.item) items.insertBefore(row.item, items.children[index] ?? null);
    });
    const done = todos.filter((todo) => todo.done).length;
    count.textContent = todos.length === 0 ? "" : `${done} of ${todos.length} done`;
    empty.hidden = todos.length > 0;
  };

  const create = (id: string): Row => {
    const row = makeRow();
    rows.set(id, row);
    row.box.addEventListener("change", () => toggleTodo(doc, list, id));
    row.remove.addEventListener("click", () => {
      const next = row.item.nextElementSibling ?? row.item.previousElementSibling;
      deleteTodo(doc, list, id);
      (next?.querySelector("button") ?? input).focus();
    });
    return row;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const label = input.value.trim();
    if (label === "") return;
    addTodo(list, label);
    input.value = "";
    items.scrollTop = items.scrollHeight;
  });
  list.observe(draw);
  draw();
}

function makeRow(): Row {
  const box = make("input", "check");
  box.type = "checkbox";
  const label = make("span", "todo-label");
  const remove = make("button", "remove", "×");
  remove.type = "button";
  const item = make("li", "todo", make("label", "todo-check", box, label), remove);
  item.dataset["testid"] = "todo-item";
  return { item, box, label, remove };
}

function fill({ item, box, label, remove }: Row, todo: Todo): void {
  item.dataset["done"] = String(todo.done);
  box.checked = todo.done;
  label.textContent = todo.label;
  remove.setAttribute("aria-label", `Delete “${todo.label}”`);
}
