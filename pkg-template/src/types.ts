/** Decides the shape of everything that an application passes in or is handed, other than the handles themselves. */

import type { Trap } from "./life.js";

/** What JSON can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What a map or a list can hold: JSON, whole numbers of 64 bits, and bytes. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value };

/** All values of {@link Phase}; a test compares them with those of the wasm. */
export const PHASES = [
  /** A socket is being opened. */
  "connecting",
  /** The socket is open; both sides tell each other what they lack, or nobody else is here (only with a relay). */
  "handshaking",
  /** What the server has, or those who are here, is here too, and edits travel as they are made. */
  "synced",
  /** The connection was lost; the next attempt comes in `retryIn` milliseconds. */
  "waiting",
  /** The application asked for no connection. */
  "disconnected",
  /** The server refused for good (`reason` says why); `reconnect()` tries again. */
  "stopped",
  /** `close()` was called. */
  "closed",
] as const;

/** Where a document stands with its server. It can be edited in every phase but `closed`. */
export type Phase = (typeof PHASES)[number];

/** All codes of {@link StatusReason}, in the order of the wasm; a test compares them with those there. */
export const REASON_CODES = [
  /** The socket was not open in time; see the option `connectTimeout`. */
  "connect-timeout",
  /** The socket was closed before it was open: no network, no server, or a handshake refused. */
  "unreachable",
  /** The open socket was closed. */
  "closed",
  /** The server did not answer; see the options `quietTimeout` and `answerTimeout`. */
  "silent",
  /** The server sent bytes that are no message of the protocol. */
  "bad-frame",
  /** The server sent a frame larger than the option `maxFrameBytes`. */
  "frame-too-large",
  /** The application had no token for the server, which is asked for again; the message says why. */
  "token-unavailable",
  /** The server denied access to the document. */
  "denied",
  /** The server closed the document and left the connection open; it is opened again. */
  "dismissed",
  /** The server closed the socket with a code that means: do not come back. */
  "server-refused",
  /** Nobody else is here who could have the document; only with a relay. */
  "alone",
  /** The server ends the connection whenever it is sent certain edits; the message says what is done about it. */
  "server-chokes",
  /** The server sent an update that is malformed or contradicts the document. */
  "bad-update",
  /** The document has content that cannot be read, such as sub-documents. */
  "unsupported-content",
  /** More changes came too early than the option `maxHeldBytes` allows to hold back. */
  "too-much-held",
  /** Something the server sent has ended an instance of the wasm before, and is not looked at again. */
  "quarantined",
  /** There is no IndexedDB, or the page may not use it. */
  "store-unavailable",
  /** The browser gives this site no more room. */
  "store-quota",
  /** The browser closed the database: the data of the site was cleared, or the disk failed. */
  "store-closed",
  /** Another tab holds the database in a version that is in the way. */
  "store-blocked",
  /** What is stored was written by a newer version of Syncline. */
  "store-newer",
  /** The database does not answer. */
  "store-timeout",
  /** The database failed otherwise; the message has the browser's words. */
  "store-failed",
  /** The wasm had to be started anew too often because of this document. */
  "trapped",
] as const;

/** Why a document is not in step, or not stored, for programs. */
export type ReasonCode = (typeof REASON_CODES)[number];

/** Why there is no connection, why the document is not in step over it, or why nothing is stored. */
export interface StatusReason {
  readonly code: ReasonCode;
  /** For people; never with a token in it. */
  readonly message: string;
  /** The close code of the WebSocket, where it was closed with one. */
  readonly closeCode?: number;
}

/** All values of {@link StorePhase}; a test compares them with those of the wasm. */
export const STORE_PHASES = [
  /** What this device keeps is being read. */
  "loading",
  /** Changes are kept as they are made. */
  "ready",
  /** Nothing is kept at the moment (`reason` says why); it is tried again by itself. */
  "failed",
  /** `forget()` was called: nothing is kept any more. */
  "forgotten",
] as const;

/** How it stands with what this device keeps of a document. */
export type StorePhase = (typeof STORE_PHASES)[number];

/** How it stands with what this device keeps of a document, and why it does not if it does not. */
export interface StoreStatus {
  readonly phase: StorePhase;
  readonly reason?: StatusReason;
}

/** A tab among those of this browser that share a connection, by small numbers for people. */
export interface TabStatus {
  /** The number of this tab. */
  readonly number: number;
  /** The number of the tab that has the connection and the store; the same where it is this one. */
  readonly leader: number;
}

/** All holders of edits that are not `unsynced`. */
export const HOLDERS = ["server", "peers"] as const;

/** Who holds the edits that are not `unsynced`. */
export type HeldBy = (typeof HOLDERS)[number];

/**
 * Where a document stands with its server, this device and the other tabs: one value, replaced as a whole. The levels of
 * safety of an edit, from the lowest: here, stored (`unstored` is 0), sent (`unsent` is 0), held by the server
 * (`unsynced` is 0).
 */
export interface Status {
  readonly phase: Phase;
  /** How many inserted elements and deletions nobody else has been shown to hold; 0 means that all is held elsewhere. */
  readonly unsynced: number;
  /**
   * Who holds what is not unsynced: the server, or with a relay somebody who was here when it was shown, and may have
   * gone since.
   */
  readonly heldBy: HeldBy;
  /** How many of these were not handed to the connection yet. */
  readonly unsent: number;
  /** How many are not on this device yet; absent where nothing is to be kept there. */
  readonly unstored?: number;
  /** How many the server has refused, which are only here: see the event `refused`. */
  readonly refused: number;
  /** What the server lets this document do; absent where it does not say. */
  readonly access?: "read-write" | "read-only";
  /** How many attempts have failed in a row. */
  readonly attempt: number;
  /** Milliseconds until the next attempt, counted from when this status was made; only while `waiting`. */
  readonly retryIn?: number;
  /** Why the document is not in step, or why the last connection ended; absent while there is nothing to tell. */
  readonly reason?: StatusReason;
  /** How it stands with what this device keeps; absent without the option `store`. */
  readonly store?: StoreStatus;
  /** Which tab has the connection; absent where this document has its own. */
  readonly tab?: TabStatus;
  /** That the wasm had to be started anew; absent where it never had to. */
  readonly recovered?: Recovered;
}

/** That the wasm met what it does not survive, and another instance went on with the document. */
export interface Recovered {
  /** How often, since the document was opened. */
  readonly count: number;
  /** Why, the last time. */
  readonly reason: Trap;
}

/** A document that this device keeps. */
export interface StoredDocument {
  /** Whose it is: the option `scope` it was opened with. */
  readonly scope: string;
  /** Its server and room, or the name it was given by the option `store`. */
  readonly name: string;
  /** How much room it takes. */
  readonly bytes: number;
}

/** Who made a change: this handle's application, or anyone else. */
export type Origin = "local" | "remote";

/** Formatting of text: names to values; `null` takes a format away. */
export type Attributes = { readonly [name: string]: JsonValue };

/** One step of a text delta, in the format of Quill. Lengths are UTF-16 code units; an embed is one long. */
export type TextDelta =
  | { readonly insert: string | { readonly [key: string]: JsonValue }; readonly attributes?: Attributes }
  | { readonly retain: number; readonly attributes?: Attributes }
  | { readonly delete: number };

/** One step of a list delta. */
export type ListDelta =
  | { readonly insert: readonly Value[] }
  | { readonly retain: number }
  | { readonly delete: number };

/** What happened to one key of a map. */
export interface KeyChange {
  readonly action: "add" | "update" | "delete";
  /** What the key held before; absent for `add`. */
  readonly oldValue?: Value;
  /** What the key holds; absent for `delete`. */
  readonly newValue?: Value;
}

/** What happened to a map, by key. */
export type KeyChanges = { readonly [key: string]: KeyChange };

/** A change of a type nested within the observed one. */
export interface NestedChange {
  /** Keys and indexes that lead from the observed type to the changed one. */
  readonly path: readonly (string | number)[];
  /** What changed, where the nested type is a text or a list. */
  readonly delta?: readonly (TextDelta | ListDelta)[];
  /** What changed, where the nested type is a map. */
  readonly keys?: KeyChanges;
}

/** A change of a text. */
export interface TextChange {
  readonly origin: Origin;
  /** What changed, from the start of the text; empty when only something nested changed. */
  readonly delta: readonly TextDelta[];
  readonly nested?: NestedChange;
}

/** A change of a list. */
export interface ListChange {
  readonly origin: Origin;
  /** What changed, from the start of the list; empty when only something nested changed. */
  readonly delta: readonly ListDelta[];
  readonly nested?: NestedChange;
}

/** A change of a map. */
export interface MapChange {
  readonly origin: Origin;
  /** What changed, by key; empty when only something nested changed. */
  readonly keys: KeyChanges;
  readonly nested?: NestedChange;
}

/** What one participant shows of itself: any JSON object, such as a name and a cursor. */
export type PresenceState = { readonly [key: string]: JsonValue };

/** Whose presence changed, by client id. */
export interface PresenceChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
  readonly removed: readonly number[];
}

/** What somebody else has told everybody by `broadcast()`. */
export interface Broadcast {
  /** What came with the event; `null` where nothing did. */
  readonly payload: JsonValue;
  /** Whose it is: a client id, as in `presence.states`. Others could send under it too. */
  readonly from: number;
}

/** All codes of {@link Problem}, in the order of the wasm; a test compares them with those there. */
export const PROBLEM_CODES = [
  /** An update was refused: malformed, or in contradiction to the document. */
  "bad-update",
  /** An update was refused: it has content that cannot be read, such as sub-documents. */
  "unsupported-content",
  /** An update was refused: more came too early than the option `maxHeldBytes` allows to hold back. */
  "too-much-held",
  /** Something has ended an instance of the wasm before: it and what builds on it are kept out of the document. */
  "quarantined",
  /** The server sent text where the protocol has bytes, or text that is no message: passed over, said once a connection. */
  "text-frame",
  /** The server sent bytes where the protocol has text: passed over, said once a connection. */
  "binary-frame",
  /** Something that this device kept cannot be read any more; the rest was, and is written anew. */
  "store-corrupt",
  /** Another tab sent bytes that are no message; said once. */
  "tab-message",
  /** The server ends the connection whenever it is sent certain edits: they are withheld until `reconnect()` is called. */
  "server-chokes",
  /** The wasm met a defect and was started anew: nothing is lost but the steps of undo. See `recovered` of the status. */
  "recovered",
  /** A change was left out, because no instance of the wasm survives it. */
  "trapped",
] as const;

/** What was refused from outside, for programs. */
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** Something that went wrong, most often because it was refused from outside. It stopped nothing. */
export interface Problem {
  readonly code: ProblemCode;
  /** For people. */
  readonly message: string;
}

/** One change that the server has refused, of a type that is open here: its name, and what it is beyond what the server holds. */
export type RefusedChange =
  | ({ readonly type: "text"; readonly name: string } & Pick<TextChange, "delta" | "nested">)
  | ({ readonly type: "list"; readonly name: string } & Pick<ListChange, "delta" | "nested">)
  | ({ readonly type: "map"; readonly name: string } & Pick<MapChange, "keys" | "nested">);

/** Edits that the server has refused. They stay in this document and nowhere else, and do not count as unsynced. */
export interface Refused {
  readonly changes: readonly RefusedChange[];
}

/** What has changed in the whole document, as bytes. */
export interface UpdateEvent {
  /** The change as a Yjs update (v1). */
  readonly update: Uint8Array;
  /** What was applied by `applyUpdate` is `"remote"`. */
  readonly origin: Origin;
}

/** The events of a document, by name. */
export interface DocEvents {
  /** The status was replaced. */
  status: Status;
  /** The document has changed, whether in a type that is open here or not. Encoded only while somebody listens. */
  update: UpdateEvent;
  /** Participants came, changed or left. */
  presence: PresenceChange;
  /** The server has refused edits, such as those of somebody who may only read. */
  refused: Refused;
  /** The server has sent a message that is not part of the document, as text: the counterpart of `send()`. */
  message: string;
  /** Somebody else has told everybody this event by `broadcast()`. */
  [event: `broadcast:${string}`]: Broadcast;
  /** Something went wrong that the document survives. */
  problem: Problem;
  /** `close()` was called; the last status. */
  close: Status;
}

/** What is called with every change or event. */
export type Observer<Event> = (event: Event) => void;

/** Ends a subscription. Calling it again does nothing. */
export type Unsubscribe = () => void;
