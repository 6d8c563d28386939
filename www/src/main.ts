/** Decides in which order the page comes up, what it shows when it cannot, and when leaving it would lose something. */

import { SynclineError } from "syncline";
import { find, make } from "./dom.js";
import { openPane, showPane } from "./pane.js";
import { findPlace } from "./place.js";
import { connectShare } from "./share.js";
import { sentence } from "./status-words.js";

async function start(): Promise<void> {
  const place = await findPlace();
  connectShare(find(document, ".share", HTMLElement), place.room);
  const docs = await Promise.all([openPane(place), openPane(place)]);

  const stage = find(document, ".stage", HTMLElement);
  const wire = find(stage, ".wire", HTMLElement);
  docs.forEach((doc, index) => {
    const key = index === 0 ? "a" : "b";
    const pane = find(stage, `[data-pane=${key}]`, HTMLElement);
    showPane(pane, key, doc, (tone) => (pane.dataset["tone"] = wire.dataset[key] = tone));
  });
  find(document, ".notice", HTMLElement).remove();
  stage.hidden = false;

  // The replica of this demo lives in the page: what the server does not hold yet is gone with it.
  addEventListener("beforeunload", (event) => {
    if (docs.some((doc) => doc.status.unsynced > 0)) event.preventDefault();
  });
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
