/** Decides how the others look in a view: what they have selected behind the text, their carets and names above it. */

import { EditorSelection, type Extension } from "@codemirror/state";
import { EditorView, layer, RectangleMarker, type LayerMarker, type ViewUpdate } from "@codemirror/view";
import { paintOf, type Paint } from "./codemirror-colors.js";
import { peopleChanged, type Person } from "./codemirror-people.js";

/** The layers and their theme. `othersIn` says who is in a view. */
export function carets(othersIn: (view: EditorView) => readonly Person[]): Extension {
  const markers =
    (markersOf: (view: EditorView, person: Person, paint: Paint) => readonly LayerMarker[]) =>
    (view: EditorView): readonly LayerMarker[] => {
      const ground = view.state.facet(EditorView.darkTheme) ? "dark" : "light";
      return othersIn(view).flatMap((person) => markersOf(view, person, paintOf(person.client, person.color, ground)));
    };
  return [
    layer({ above: false, class: "cm-syncline-selections", update: isChanged, markers: markers(selectionOf) }),
    layer({ above: true, class: "cm-syncline-carets", update: isChanged, markers: markers(caretOf) }),
    theme,
  ];
}

function isChanged({ docChanged, transactions }: ViewUpdate): boolean {
  return docChanged || transactions.some(({ effects }) => effects.some((effect) => effect.is(peopleChanged)));
}

function selectionOf(view: EditorView, { anchor, head }: Person, paint: Paint): readonly LayerMarker[] {
  if (anchor === head) return [];
  const rectangles = RectangleMarker.forRange(view, "cm-syncline-selection", EditorSelection.range(anchor, head));
  return rectangles.map((rectangle) => new Selection(rectangle, paint));
}

function caretOf(view: EditorView, person: Person, paint: Paint): readonly LayerMarker[] {
  const rectangles = RectangleMarker.forRange(view, "cm-syncline-caret", EditorSelection.cursor(person.head));
  return rectangles.map((rectangle) => new Caret(rectangle, person, paint, sidesOf(view, rectangle)));
}

/** Where the name is to stand so that it is not cut off. */
function sidesOf(view: EditorView, { left, top }: RectangleMarker): string {
  const { scrollLeft, clientWidth } = view.scrollDOM;
  const below = top < view.defaultLineHeight ? " cm-syncline-below" : "";
  return left - scrollLeft > clientWidth * 0.75 ? `${below} cm-syncline-before` : below;
}

/** One rectangle of what somebody has selected. */
class Selection implements LayerMarker {
  readonly #rectangle: RectangleMarker;
  readonly #paint: Paint;

  constructor(rectangle: RectangleMarker, paint: Paint) {
    this.#rectangle = rectangle;
    this.#paint = paint;
  }

  eq(other: Selection): boolean {
    return this.#rectangle.eq(other.#rectangle) && this.#paint.color === other.#paint.color;
  }

  draw(): HTMLElement {
    const element = this.#rectangle.draw();
    element.style.backgroundColor = this.#paint.color;
    return element;
  }
}

/** A caret with the name of whose it is. */
class Caret implements LayerMarker {
  readonly #rectangle: RectangleMarker;
  /** What it is drawn from; where that changes it is drawn anew, which shows the name again. */
  readonly #key: string;
  readonly #person: Person;
  readonly #paint: Paint;
  readonly #sides: string;

  constructor(rectangle: RectangleMarker, person: Person, paint: Paint, sides: string) {
    this.#rectangle = rectangle;
    this.#person = person;
    this.#paint = paint;
    this.#sides = sides;
    this.#key = JSON.stringify([person.client, person.moves, person.name, paint, sides]);
  }

  eq(other: Caret): boolean {
    return this.#key === other.#key && this.#rectangle.eq(other.#rectangle);
  }

  draw(): HTMLElement {
    const caret = this.#rectangle.draw();
    caret.style.backgroundColor = this.#paint.color;
    const name = caret.appendChild(document.createElement("div"));
    name.className = `cm-syncline-name${this.#sides}`;
    name.textContent = this.#person.name;
    name.style.backgroundColor = this.#paint.color;
    name.style.color = this.#paint.ink;
    return caret;
  }

  update(element: HTMLElement, before: Caret): boolean {
    return this.#key === before.#key && this.#rectangle.update(element, before.#rectangle);
  }
}

/** Names fade, so that they do not hide the line above; whoever points at a caret sees its name again. */
const theme = EditorView.baseTheme({
  ".cm-syncline-selections": { pointerEvents: "none" },
  ".cm-syncline-selection": { opacity: "0.25" },
  ".cm-syncline-carets": { pointerEvents: "none" },
  ".cm-syncline-caret": { width: "2px", marginLeft: "-1px", forcedColorAdjust: "none", pointerEvents: "auto" },
  ".cm-syncline-caret::before": {
    content: '""',
    position: "absolute",
    top: "-3px",
    left: "-2px",
    width: "6px",
    height: "6px",
    borderRadius: "50%",
    backgroundColor: "inherit",
  },
  ".cm-syncline-name": {
    position: "absolute",
    bottom: "100%",
    left: "0",
    maxWidth: "16em",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    padding: "1px 5px",
    borderRadius: "3px 3px 3px 0",
    font: "500 12px/1.4 system-ui, sans-serif",
    pointerEvents: "none",
    animation: "cm-syncline-fade 4s forwards",
  },
  ".cm-syncline-below": { bottom: "auto", top: "100%", borderRadius: "0 3px 3px 3px" },
  ".cm-syncline-before": { left: "auto", right: "0" },
  ".cm-syncline-caret:hover > .cm-syncline-name": { animation: "none" },
  "@keyframes cm-syncline-fade": { "0%, 85%": { opacity: 1 }, "100%": { opacity: 0 } },
});
