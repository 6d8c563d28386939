/** Decides how the room is handed to others: its link is the address of the page. */

import { find } from "./dom.js";
import { freshRoom, linkTo } from "./place.js";

/** Connects the controls that name the room, copy its link, open it in a second window and start a new one. */
export function connectShare(root: HTMLElement, room: string): void {
  const copy = find(root, "[data-testid=copy-link]", HTMLButtonElement);
  const copied = find(root, "[data-part=copied]", HTMLElement);
  find(root, "[data-part=room]", HTMLElement).textContent = room;
  find(root, "[data-part=window]", HTMLAnchorElement).href = linkTo(room);
  find(root, "[data-part=new-room]", HTMLAnchorElement).href = linkTo(freshRoom());
  root.hidden = false;
  const label = copy.textContent;

  let later: ReturnType<typeof setTimeout> | undefined;
  copy.addEventListener("click", async () => {
    const said = (await write(linkTo(room))) ? "Copied" : "Copy it from the address bar";
    copied.textContent = copy.textContent = said;
    clearTimeout(later);
    later = setTimeout(() => {
      copied.textContent = "";
      copy.textContent = label;
    }, 3000);
  });
}

/** Browsers refuse the clipboard on plain http pages of other machines, by leaving it out or by rejecting. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
