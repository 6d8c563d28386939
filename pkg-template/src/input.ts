/** Decides what `syncline/input` exports: a text and a form element that show the same. */

import { describe } from "./check.js";
import { SynclineError } from "./errors.js";
import { InputBinding, type InputOptions } from "./input-binding.js";
import type { Text } from "./text.js";
import type { Unsubscribe } from "./types.js";

export type { InputOptions, UndoSteps } from "./input-binding.js";

/** The types of `<input>` that hold any one line of text, and say where the selection is. */
const TEXT_TYPES = ["text", "search", "tel", "password"];

/**
 * Keeps `element`, a `<textarea>` or an `<input>` for text, and `text` the same from here on: at first the element shows
 * the text, then each edit in the one is made in the other. The returned function ends it, and leaves both as they are.
 * Throws a SynclineError with code `bad-argument` for any other element, and for one that is bound already.
 */
export function bindInput(text: Text, element: HTMLTextAreaElement | HTMLInputElement, options: InputOptions = {}): Unsubscribe {
  const binding = new InputBinding(text, element, lineBreakOf(element), options);
  return () => binding.end();
}

function lineBreakOf(element: HTMLTextAreaElement | HTMLInputElement): "\n" | " " {
  // By name and type, as an element may come from another window.
  const name = typeof element?.tagName === "string" ? element.tagName.toLowerCase() : describe(element);
  if (name === "textarea") return "\n";
  if (name === "input" && TEXT_TYPES.includes(element.type)) return " ";
  const found = name === "input" ? `an <input> of type '${element.type}'` : name;
  const message = `the element must be a <textarea> or an <input> of type ${TEXT_TYPES.join(", ")}, not ${found}`;
  throw new SynclineError("bad-argument", message);
}
