/** Decides how a status is put into words. Pure: no element, no clock. */

import type { Status } from "syncline";

/** How a status looks. */
export type Tone = "saved" | "busy" | "offline" | "stopped";

export interface Words {
  readonly tone: Tone;
  readonly text: string;
  /** The part that changes every second while waiting; it is shown but not read aloud. */
  readonly countdown: string;
  readonly edits: string;
  /** Which tab has the connection, if it is another one. */
  readonly via: string;
  /** A full sentence that says why, or nothing. */
  readonly reason: string;
}

/** Returns the words for `status`; `seconds` is what is left of the wait before the next attempt. */
export function wordsFor(status: Status, seconds: number): Words {
  const { phase, unsynced, unstored, tab } = status;
  const kept = unstored === 0 ? ", kept on this device" : "";
  const edits = unsynced === 0 ? "" : ` – ${editsIn(unsynced)} wait${unsynced === 1 ? "s" : ""}${kept}`;
  const via = tab !== undefined && tab.leader !== tab.number ? `, through tab ${tab.leader}` : "";
  const reason = [status.reason, status.store?.reason].flatMap((why) => (why ? [sentence(why.message)] : [])).join(" ");
  const words = { countdown: "", edits, via, reason };
  switch (phase) {
    case "synced":
      return unsynced === 0
        ? { ...words, tone: "saved", text: "Saved" }
        : { ...words, tone: "busy", text: `Saving ${editsIn(unsynced)}`, edits: "" };
    case "handshaking":
      if (status.reason?.code === "alone") return { ...words, tone: "offline", text: "Nobody else is here" };
      return { ...words, tone: "busy", text: "Connecting" };
    case "connecting":
      return { ...words, tone: "busy", text: "Connecting" };
    case "waiting":
      return { ...words, tone: "offline", text: "Reconnecting", countdown: seconds > 0 ? ` in ${seconds} s` : "" };
    case "disconnected":
      return { ...words, tone: "offline", text: "Offline" };
    case "stopped":
      return { ...words, tone: "stopped", text: "Stopped" };
    case "closed":
      return { ...words, tone: "stopped", text: "Closed" };
  }
}

function editsIn(count: number): string {
  return count === 1 ? "1 edit" : `${count.toLocaleString()} edits`;
}

/** Returns a message, which by our rules begins small and ends bare, as a sentence. */
export function sentence(message: string): string {
  const text = message.charAt(0).toLocaleUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
