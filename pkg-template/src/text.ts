/** Decides how a shared text looks to the application. */

import type { Cursor, CursorSide } from "./cursor.js";
import { requireSnapshot } from "./history.js";
import { isDelivering, type TypeRef } from "./refs.js";
import type { Attributes, Observer, TextChange, TextDelta, Unsubscribe } from "./types.js";

/**
 * A shared text with formatting. Indexes and lengths count UTF-16 code units, as strings in JavaScript do; one outside
 * the text or within a surrogate pair throws and changes nothing.
 */
export class Text {
  readonly #ref: TypeRef<TextChange>;

  /** @internal */
  constructor(ref: TypeRef<TextChange>) {
    this.#ref = ref;
  }

  /** How long the text is; an embed is one long. */
  get length(): number {
    return this.#ref.raw.textLength(this.#ref.doc, this.#ref.type);
  }

  /** Inserts `string` at `index`. Without `attributes` it takes on the formatting at that place. */
  insert(index: number, string: string, attributes?: Attributes): void {
    const { raw, doc, type } = this.#ref;
    raw.textInsert(doc, type, index, string, attributes);
  }

  /** Deletes `length` code units from `index` on. */
  delete(index: number, length: number): void {
    this.#ref.raw.textDelete(this.#ref.doc, this.#ref.type, index, length);
  }

  /** Formats `length` code units from `index` on; an attribute that is `null` is taken away. */
  format(index: number, length: number, attributes: Attributes): void {
    this.#ref.raw.textFormat(this.#ref.doc, this.#ref.type, index, length, attributes);
  }

  /** Applies a delta from the start of the text: all of it, or nothing when a step is refused. */
  applyDelta(delta: readonly TextDelta[]): void {
    this.#ref.raw.textApplyDelta(this.#ref.doc, this.#ref.type, delta);
  }

  /** The content with its formatting, as a delta of inserts. */
  toDelta(): TextDelta[] {
    return this.#ref.raw.textToDelta(this.#ref.doc, this.#ref.type);
  }

  /** The content without formatting and embeds. */
  toString(): string {
    return this.#ref.raw.textToString(this.#ref.doc, this.#ref.type);
  }

  /**
   * The place at `index`, kept while everybody edits: it stays before the character that follows it, or with `"before"` behind
   * the one before it. Plain JSON, the same as that of Yjs' relative positions.
   */
  cursor(index: number, side: CursorSide = "after"): Cursor {
    return this.#ref.raw.typeCursor(this.#ref.doc, this.#ref.type, index, side);
  }

  /** Where a cursor is at this moment; undefined if it is not one of this text, or of what has not come yet. */
  resolve(cursor: Cursor): number | undefined {
    return this.#ref.raw.typeResolve(this.#ref.doc, this.#ref.type, cursor);
  }

  /**
   * What has changed between two snapshots, or since one: the delta that makes the text of `from` that of `to`. Either may
   * be the older one.
   */
  diff(from: Uint8Array, to?: Uint8Array): TextDelta[] {
    const until = to === undefined ? undefined : requireSnapshot(to);
    return this.#ref.raw.textDiff(this.#ref.doc, this.#ref.type, requireSnapshot(from), until);
  }

  /**
   * Makes the text what it was in the snapshot, as an edit: only what differs is touched, and it can be undone. Throws with
   * code `bad-snapshot` or `wrong-kind`, and changes nothing then.
   */
  restore(snapshot: Uint8Array): void {
    this.#ref.restore(snapshot);
  }

  /** @internal Commits the edits made so far and tells of them; false within an event, when they are told behind it. */
  commit(): boolean {
    this.#ref.raw.docCommit(this.#ref.doc);
    return !isDelivering();
  }

  /** Calls `observer` after every change, local or remote. */
  observe(observer: Observer<TextChange>): Unsubscribe {
    return this.#ref.observe(observer);
  }
}
