/** Decides how "who is here" looks: everybody for a screen reader, the others as badges for the eye, since one's own is beside it. */

import { make } from "./dom.js";
import { colorOf, initialsOf, type Person } from "./person.js";

/** Fills the list with these people. */
export function showPeople(list: HTMLUListElement, people: readonly Person[]): void {
  list.replaceChildren(...people.map(badge));
  const others = people.filter((person) => !person.isSelf).length;
  list.dataset["others"] = String(others);
  const hidden = others - SHOWN;
  if (hidden > 0) {
    const more = make("li", "more", `+${hidden}`);
    more.setAttribute("aria-hidden", "true");
    list.append(more);
  }
}

/** Fills a round badge with somebody's initials and colour. */
export function fillAvatar(avatar: HTMLElement, name: string, color: number): void {
  avatar.textContent = initialsOf(name);
  avatar.style.setProperty("--person", colorOf(color));
}

function badge(person: Person): HTMLLIElement {
  if (person.isSelf) return make("li", "visually-hidden", `${person.name} (this pane)`);
  const avatar = make("span", "avatar");
  avatar.setAttribute("aria-hidden", "true");
  fillAvatar(avatar, person.name, person.color);
  const item = make("li", "person", avatar, make("span", "person-name", person.name));
  item.title = person.name;
  return item;
}

/** How many badges style.css shows; the rest is a number. */
const SHOWN = 3;
