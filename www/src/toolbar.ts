/** Decides how the formatting buttons follow and change the editor: pressed where the caret is, one stop for the Tab key, arrows inside. */

import Quill from "quill/core";
import type { UndoManager } from "syncline";
import { find } from "./dom.js";
import { FORMATS, type Format } from "./editor.js";

/** Connects the buttons under `root` that name a format in `data-format` with the editor. */
export function connectToolbar(root: HTMLElement, quill: Quill): void {
  const row = find(root, "[role=toolbar]", HTMLElement);
  const buttons = [...row.querySelectorAll<HTMLButtonElement>("[data-format]")];
  const linkForm = new LinkForm(root, quill);

  const refresh = (): void => {
    // What others do moves no button of a pane nobody is in.
    if (!quill.hasFocus()) return;
    const range = quill.selection.savedRange;
    const active: Record<string, unknown> = quill.getFormat(range.index, range.length);
    for (const button of buttons) button.setAttribute("aria-pressed", String(Boolean(active[button.dataset["format"] ?? ""])));
  };
  quill.on(Quill.events.EDITOR_CHANGE, refresh);

  for (const button of buttons) {
    const format = FORMATS.find((name) => name === button.dataset["format"]);
    if (format === undefined) throw new Error(`index.html has a button for an unknown format: ${button.dataset["format"]}`);
    // Keeps the focus, and with it the selection, in the editor when the button is pressed with a mouse.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      if (format === "link") linkForm.toggle();
      else toggleFormat(quill, format);
      refresh();
    });
  }
  rove(row, [...row.querySelectorAll("button")]);
}

/** Connects the buttons under `root` that undo and redo; they can be pressed whether or not there is a step, so that the focus stays. */
export function connectUndo(root: HTMLElement, quill: Quill, steps: UndoManager): void {
  const buttons = [...root.querySelectorAll<HTMLButtonElement>("[data-history]")];
  const isPossible = (button: HTMLButtonElement): boolean => (isRedo(button) ? steps.canRedo : steps.canUndo);
  const refresh = (): void => {
    for (const button of buttons) button.setAttribute("aria-disabled", String(!isPossible(button)));
  };
  for (const button of buttons) {
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      quill.focus();
      if (isRedo(button)) steps.redo();
      else steps.undo();
    });
  }
  steps.observe(refresh);
  refresh();
}

function isRedo(button: HTMLButtonElement): boolean {
  return button.dataset["history"] === "redo";
}

function toggleFormat(quill: Quill, format: Format): void {
  quill.focus();
  quill.format(format, quill.getFormat()[format] !== true, Quill.sources.USER);
}

/** Asks for the address of a link in a row of its own, because a browser prompt would leave the page. */
class LinkForm {
  readonly #form: HTMLFormElement;
  readonly #input: HTMLInputElement;
  readonly #remove: HTMLButtonElement;
  readonly #quill: Quill;

  constructor(root: HTMLElement, quill: Quill) {
    this.#quill = quill;
    this.#form = find(root, ".link-form", HTMLFormElement);
    this.#input = find(this.#form, "input", HTMLInputElement);
    this.#remove = find(this.#form, "[data-part=remove-link]", HTMLButtonElement);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#apply(addressFrom(this.#input.value));
    });
    this.#remove.addEventListener("click", () => this.#apply(null));
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
  }

  toggle(): void {
    if (!this.#form.hidden) return this.#close();
    const { index, length } = this.#quill.selection.savedRange;
    const { link } = this.#quill.getFormat(index, length);
    this.#input.value = typeof link === "string" ? link : "";
    this.#remove.hidden = typeof link !== "string";
    this.#form.hidden = false;
    this.#input.focus();
    this.#input.select();
  }

  #apply(address: string | null): void {
    this.#close();
    const range = this.#quill.getSelection();
    if (range === null || address === "") return;
    const at = range.length > 0 ? range : this.#linkAround(range.index);
    if (at.length > 0) this.#quill.formatText(at.index, at.length, { link: address }, Quill.sources.USER);
    else if (address !== null) this.#insert(at.index, address);
  }

  /** With nothing selected, the address itself becomes the text of the link. */
  #insert(index: number, address: string): void {
    this.#quill.insertText(index, address, "link", address, Quill.sources.USER);
    this.#quill.setSelection(index + address.length, 0, Quill.sources.USER);
  }

  #linkAround(index: number): { index: number; length: number } {
    const [leaf] = this.#quill.getLeaf(index);
    const link = leaf?.domNode.parentElement?.closest("a");
    const blot = link ? Quill.find(link) : null;
    if (blot === null || blot instanceof Quill) return { index, length: 0 };
    return { index: this.#quill.getIndex(blot), length: blot.length() };
  }

  #close(): void {
    this.#form.hidden = true;
    this.#quill.focus();
  }
}

/** What people type is mostly an address without its protocol. */
function addressFrom(typed: string): string {
  const address = typed.trim();
  return address === "" || /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`;
}

/** Makes a row of buttons one stop for the Tab key, with arrow keys between them. */
function rove(row: HTMLElement, buttons: readonly HTMLButtonElement[]): void {
  const stopAt = (chosen: HTMLButtonElement): void => {
    for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1;
  };
  if (buttons[0]) stopAt(buttons[0]);
  row.addEventListener("keydown", (event) => {
    const at = buttons.findIndex((button) => button === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    const button = to === undefined ? undefined : buttons.at(to % buttons.length);
    if (at === -1 || button === undefined) return;
    event.preventDefault();
    stopAt(button);
    button.focus();
  });
}
