/** Decides what one pane is: one document of its own, with its own connection, and everything that shows it. */

import { open, type Doc } from "syncline";
import { Carets } from "./carets.js";
import { find } from "./dom.js";
import { createEditor, FORMATS, historyOf } from "./editor.js";
import { fillAvatar, showPeople } from "./people-view.js";
import { colorOf, NAME_LIMIT, peopleIn, profileFor, rememberName, type Profile } from "./person.js";
import type { Place } from "./place.js";
import { bindQuill } from "./quill-binding.js";
import { connectStatus } from "./status-view.js";
import type { Tone } from "./status-words.js";
import { connectTodos } from "./todo-view.js";
import { connectToolbar, connectUndo } from "./toolbar.js";

export type PaneKey = "a" | "b";

/**
 * Opens the document of a pane; it can be edited as soon as this resolves, whatever the network does.
 *
 * The first pane is a tab like any other: this device keeps its document, and the tabs of this browser share one
 * connection. The second stands for a person on another device, so it shares nothing and keeps nothing.
 */
export function openPane(place: Place, key: PaneKey): Promise<Doc> {
  if (key === "a") return open(place.server, place.room, { store: true, warnBeforeUnload: "unstored" });
  return open(place.server, place.room, { tabs: false, warnBeforeUnload: "unsynced" });
}

/** Fills `root` with the pane; `onTone` is told how its connection looks. */
export function showPane(root: HTMLElement, key: PaneKey, doc: Doc, onTone: (tone: Tone) => void): void {
  const template = find(document, "#pane", HTMLTemplateElement);
  root.replaceChildren(template.content.cloneNode(true));
  const title = key === "a" ? "You" : "A second person";
  find(root, "[data-part=title]", HTMLElement).textContent = title;
  root.setAttribute("aria-label", title);

  const profile = profileFor(key);
  root.style.setProperty("--person", colorOf(profile.color));
  const share = (change: Partial<Profile>): void => {
    Object.assign(profile, change);
    doc.presence.set(profile);
  };
  connectName(root, key, profile, share);

  const quill = createEditor(find(root, "[data-part=quill]", HTMLElement), {
    placeholder: key === "a" ? "Write something. It appears in the other pane as you type." : "Or write here.",
    label: `Shared text, ${title}`,
  });
  const body = doc.text("body");
  bindQuill(body, quill, { formats: FORMATS });
  const undo = doc.undo({ scope: [body], captureTimeout: 1000 });
  historyOf(quill).use(body, undo);
  connectUndo(root, quill, undo);
  connectToolbar(root, quill);
  connectTodos(root, doc);
  connectStatus(root, doc, onTone);
  connectPeople(root, doc, new Carets(quill, key, (cursor) => share({ cursor })));
  share({});
}

function connectName(root: HTMLElement, key: PaneKey, profile: Profile, share: (change: Partial<Profile>) => void): void {
  const avatar = find(root, "[data-part=avatar]", HTMLElement);
  const input = find(root, "[data-testid=name]", HTMLInputElement);
  input.maxLength = NAME_LIMIT;
  input.value = profile.name;
  fillAvatar(avatar, profile.name, profile.color);
  input.addEventListener("input", () => {
    const name = input.value.trim();
    if (name === "") return;
    rememberName(key, name);
    share({ name });
    fillAvatar(avatar, name, profile.color);
  });
  // Nobody is without a name: an emptied field shows the last one again.
  input.addEventListener("blur", () => (input.value = profile.name));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") input.blur();
  });
}

function connectPeople(root: HTMLElement, doc: Doc, carets: Carets): void {
  const list = find(root, "[data-testid=people]", HTMLUListElement);
  let shown = "";
  const draw = (): void => {
    const people = peopleIn(doc);
    carets.show(people);
    // Carets move at every key; the badges are rebuilt only when they would differ.
    const wanted = JSON.stringify(people.map(({ id, name, color }) => [id, name, color]));
    if (wanted === shown) return;
    shown = wanted;
    showPeople(list, people);
  };
  doc.on("presence", draw);
  draw();
}
