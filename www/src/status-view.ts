/**
 * Decides when the status badge changes: at once, except that "Saving" waits a moment, so that typing on a good network reads as a calm
 * "Saved" instead of a flicker at every key. `data-phase`, `data-unsynced` and `data-unstored` always tell the truth of the moment.
 */

import type { Doc, Status } from "syncline";
import { find } from "./dom.js";
import { wordsFor, type Tone } from "./status-words.js";

/** Shows the status of `doc` under `root`, with what is wrong and a way to try again; `onTone` is told of every change of looks. */
export function connectStatus(root: HTMLElement, doc: Doc, onTone: (tone: Tone) => void): void {
  const badge = find(root, "[data-testid=status]", HTMLElement);
  const trouble = find(root, ".trouble", HTMLElement);
  const reason = find(trouble, "[data-testid=reason]", HTMLElement);
  const retry = find(trouble, "[data-testid=retry]", HTMLButtonElement);
  const cut = find(root, "[data-testid=cut]", HTMLButtonElement);
  let status = doc.status;
  let retryAt = 0;
  let later: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    clearTimeout(later);
    later = undefined;
    const left = Math.max(0, retryAt - performance.now());
    const words = wordsFor(status, Math.ceil(left / 1000));
    setText(find(badge, "[data-part=words]", HTMLElement), words.text);
    setText(find(badge, "[data-part=countdown]", HTMLElement), words.countdown);
    setText(find(badge, "[data-part=edits]", HTMLElement), words.edits);
    setText(find(badge, "[data-part=via]", HTMLElement), words.via);
    badge.dataset["tone"] = words.tone;
    explain();
    showTrouble(words.reason);
    cut.setAttribute("aria-checked", String(status.phase === "disconnected"));
    onTone(words.tone);
    if (left > 0) later = setTimeout(draw, left % 1000 || 1000);
  };

  const explain = (): void => {
    badge.title = doc.status.phase === "closed" ? "" : doc.explain();
  };

  const showTrouble = (sentence: string): void => {
    // The row stays while another attempt is made, instead of coming and going with each.
    const isTrying = status.attempt > 0 && (status.phase === "connecting" || status.phase === "handshaking");
    if (sentence === "" && isTrying) return;
    if (sentence === "" && retry === document.activeElement) cut.focus();
    setText(reason, sentence);
    trouble.hidden = sentence === "";
  };

  const handle = (next: Status): void => {
    const wasSaved = status.phase === "synced" && badge.dataset["tone"] === "saved";
    status = next;
    retryAt = performance.now() + (next.retryIn ?? 0);
    badge.dataset["phase"] = next.phase;
    badge.dataset["unsynced"] = String(next.unsynced);
    badge.dataset["unstored"] = String(next.unstored ?? "");
    const isBlip = wasSaved && next.phase === "synced" && next.unsynced > 0;
    if (!isBlip) draw();
    else later ??= setTimeout(draw, BLIP_MS);
  };

  // How long something waits already is told as of the moment in which somebody wants to know.
  badge.addEventListener("pointerenter", explain);
  retry.addEventListener("click", () => doc.reconnect());
  cut.addEventListener("click", () => (doc.status.phase === "disconnected" ? doc.connect() : doc.disconnect()));
  doc.on("status", handle);
  handle(doc.status);
}

/** A live region speaks at every write, equal or not. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const BLIP_MS = 400;
