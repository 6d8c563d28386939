/**
 * Decides what the page remembers, and that nothing breaks when it cannot.
 *
 * A browser may refuse storage (private windows, blocked cookies, a full disk) by throwing at any access; then the page forgets, and works.
 */

/** Where a value is kept: "tab" survives a reload of this tab, "device" is shared by all tabs and lasts. */
export type Keep = "tab" | "device";

/** Returns what was remembered under `key`, or null. */
export function recall(keep: Keep, key: string): string | null {
  try {
    return storage(keep).getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/** Remembers `value` under `key` where the browser allows it. */
export function remember(keep: Keep, key: string, value: string): void {
  try {
    storage(keep).setItem(PREFIX + key, value);
  } catch {
    // Forgetting a name is harmless.
  }
}

function storage(keep: Keep): Storage {
  return keep === "tab" ? sessionStorage : localStorage;
}

const PREFIX = "syncline-demo:";
