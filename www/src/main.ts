/** Decides in which order the page comes up, and what it shows when it cannot. */

import { SynclineError } from "syncline";
import { find, make } from "./dom.js";
import { openPane, showPane } from "./pane.js";
import { findPlace } from "./place.js";
import { connectShare } from "./share.js";
import { sentence } from "./status-words.js";

async function start(): Promise<void> {
  const place = await findPlace();
  connectShare(find(document, ".share", HTMLElement), place.room);
  const docs = await Promise.all([openPane(place, "a"), openPane(place, "b")]);

  const stage = find(document, ".stage", HTMLElement);
  const wire = find(stage, ".wire", HTMLElement);
  docs.forEach((doc, index) => {
    const key = index === 0 ? "a" : "b";
    const pane = find(stage, `[data-pane=${key}]`, HTMLElement);
    showPane(pane, key, doc, (tone) => (pane.dataset["tone"] = wire.dataset[key] = tone));
  });
  find(document, ".notice", HTMLElement).remove();
  stage.hidden = false;
}

function fail(error: unknown): void {
  const notice = find(document, ".notice", HTMLElement);
  const message = sentence(error instanceof Error ? error.message : String(error));
  const again = make("button", "button", "Try again");
  again.type = "button";
  again.addEventListener("click", () => location.reload());
  const details = error instanceof SynclineError ? [make("p", "notice-code", `Error code: ${error.code}`)] : [];
  notice.dataset["state"] = "failed";
  notice.setAttribute("role", "alert");
  notice.replaceChildren(make("h2", "", "The demo could not start"), make("p", "", message), ...details, again);
}

// Another room is another page: Quill has no way to end an editor, and a reload ends everything.
addEventListener("hashchange", () => location.reload());
start().catch(fail);
