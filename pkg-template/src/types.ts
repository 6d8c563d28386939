/** Decides the shape of everything that an application passes in or is handed, other than the handles themselves. */

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

/** All codes of {@link StatusReason}; a test compares them with those of the wasm. */
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
  /** The server sent an update that is malformed or contradicts the document. */
  "bad-update",
  /** The document has content that cannot be read, such as sub-documents. */
  "unsupported-content",
  /** More changes came too early than the option `maxHeldBytes` allows to hold back. */
  "too-much-held",
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

/** How a document is kept on this device. */
export interface StoreOptions {
  /** What it is called here. Default its server and room. */
  readonly name?: string;
  /**
   * When it counts as stored: once it survives a crash of the machine (`"strict"`), or only one of the browser
   * (`"relaxed"`, which writes less). Default `"strict"`.
   */
  readonly durability?: "strict" | "relaxed";
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

/**
 * A change of a type nested within the observed one. Only peers that use Yjs itself make nested types; here they are
 * read as plain values.
 */
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

/** All codes of {@link Problem}; a test compares them with those of the wasm. */
export const PROBLEM_CODES = [
  /** The server sent text where the protocol has bytes, or text that is no message: passed over, said once a connection. */
  "text-frame",
  /** The server sent bytes where the protocol has text: passed over, said once a connection. */
  "binary-frame",
  /** An update was refused: malformed, or in contradiction to the document. */
  "bad-update",
  /** An update was refused: it has content that cannot be read, such as sub-documents. */
  "unsupported-content",
  /** An update was refused: more came too early than the option `maxHeldBytes` allows to hold back. */
  "too-much-held",
  /** Something that this device kept cannot be read any more; the rest was, and is written anew. */
  "store-corrupt",
  /** Another tab sent bytes that are no message; said once. */
  "tab-message",
] as const;

/** What was refused from outside, for programs. */
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** Something from outside that was refused. It stopped nothing: the document is as it was. */
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
  /** Something went wrong that the document survives. */
  problem: Problem;
  /** `close()` was called; the last status. */
  close: Status;
}

/** What is called with every change or event. */
export type Observer<Event> = (event: Event) => void;

/** Ends a subscription. Calling it again does nothing. */
export type Unsubscribe = () => void;

/** What to do after a close code: try again, try again but not soon, or not until the application says so. */
export type CloseAction = "retry" | "later" | "stop";

/**
 * The parts of the standard WebSocket that are used. Parameters are `never` so that every class fits, however it
 * declares them: that of the browser, of `ws`, or a test's own.
 */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  /** Is given a string or a Uint8Array. */
  send(data: never): void;
  close(code?: number): void;
  /** Is given `"open"`, `"message"`, `"close"` or `"error"`, and a function. */
  addEventListener(type: never, listener: never): void;
  removeEventListener(type: never, listener: never): void;
}

/** A WebSocket class. */
export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => WebSocketLike;

/** All protocols; a test compares them with those of the wasm. */
export const PROTOCOLS = [
  /** y-websocket and what speaks like it. */
  "y-websocket",
  /** Hocuspocus 4. */
  "hocuspocus",
  /** y-sweet. */
  "y-sweet",
  /** A server that passes on what it is sent, to all or to all others, and knows nothing of documents. */
  "relay",
  /** Functions behind an AWS API Gateway, such as `examples/serverless`. */
  "api-gateway",
] as const;

/** What a server speaks. */
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * What a token function answers: the token, or the token with how many milliseconds it is valid from here on. Where that
 * is not said, a JSON Web Token says it itself.
 */
export type TokenAnswer = string | { readonly token: string; readonly expiresIn?: number };

/** How a document is opened. Times are whole milliseconds, sizes are bytes. An unknown name is refused. */
export interface Options {
  /** Whether to connect at once; otherwise `doc.connect()` does. Default `true`. */
  readonly connect?: boolean;
  /** What the server speaks. Default `"y-websocket"`. */
  readonly protocol?: Protocol;
  /**
   * The kind of frames that a relay takes: `"text"` puts each message into JSON. Only with `protocol: "relay"`. Default
   * `"binary"`.
   */
  readonly frames?: "binary" | "text";
  /**
   * What the server decides access by: a text, or a function that brings one whenever it is needed. The function is
   * asked before the first connection, before the token expires, once more when the server refused it, and after an
   * attempt that failed without a reason. It may be called again as soon as it has answered. Default none.
   */
  readonly token?: string | (() => TokenAnswer | Promise<TokenAnswer>);
  /**
   * Where the token travels: as the parameter `token` in the query of the address, or as the last of the WebSocket
   * subprotocols (`protocols`, by default `["syncline"]`, of which the server has to select one). Default `"query"`; not
   * for Hocuspocus, which is told the token in a message.
   */
  readonly tokenIn?: "query" | "protocol";
  /**
   * Gives this document a name of its own among visits to the same room over one connection, as Hocuspocus calls it, so
   * that the room can be opened twice over it. Without, a second visit gets a connection of its own. Only with the
   * protocol `"hocuspocus"`. Default `false`.
   */
  readonly sessionAwareness?: boolean;
  /** Query parameters of the WebSocket's URL. Default none. */
  readonly params?: { readonly [name: string]: string };
  /** Subprotocols offered in the WebSocket handshake. Default none; `["syncline"]` with `tokenIn: "protocol"`. */
  readonly protocols?: readonly string[];
  /** The WebSocket class. Default the global one; Node before version 22 has none: pass that of the package `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  /**
   * What to do after a close code, where the default does not fit the server. By default 1008 and 4400 to 4499 stop,
   * 1012 and 1013 try again later, and all others try again.
   */
  readonly closeCodes?: { readonly [code: number]: CloseAction };
  /** Whether this device keeps the document, so that it is there at once and offline too. Default `false`. */
  readonly store?: boolean | StoreOptions;
  /** How long `open` waits for what this device keeps before it opens without: 0 to 1 h. Default 2,000. */
  readonly storeTimeout?: number;
  /**
   * Whose the document is, such as the id of the account: what this device keeps and the connection that tabs share
   * belong to one scope and are never seen in another. Default `""`.
   */
  readonly scope?: string;
  /**
   * Whether the tabs of this browser that open the same document in the same scope share one connection and one store.
   * Default `true` in browsers that can (Web Locks and BroadcastChannel), else every tab has its own.
   */
  readonly tabs?: boolean;
  /**
   * Has the browser ask before the page is left while edits are not held by the server (`"unsynced"`) or not on this
   * device either (`"unstored"`). Default `false`.
   */
  readonly warnBeforeUnload?: "unsynced" | "unstored" | false;
  /** How long an attempt may take until the socket is open: 1 ms to 1 h. Default 10,000. */
  readonly connectTimeout?: number;
  /** The upper bound of the first wait, doubled by every failure: 1 ms to 1 h. Default 250. */
  readonly backoffBase?: number;
  /** The upper bound of every wait: 1 ms to 1 h. Default 30,000. */
  readonly backoffCap?: number;
  /** How long it must stay synced until a failure starts again at the first wait: 0 to 1 h. Default 5,000. */
  readonly usefulAfter?: number;
  /**
   * How long the server may be silent before it is asked for a sign of life: 1 ms to 1 h. Default 9,000; 240,000 with
   * `"api-gateway"`.
   */
  readonly quietTimeout?: number;
  /** How long the server may take to answer that before the socket is given up: 1 ms to 1 h. Default 8,000. */
  readonly answerTimeout?: number;
  /**
   * The age at which the server, or something in between, ends a connection: 1 s to 24 h. A new one takes its place
   * before, without a gap. Default: 7,200,000 (2 h) with `"api-gateway"`, else none.
   */
  readonly connectionLifetime?: number;
  /**
   * How old the own presence may become before it is announced again: 1 ms to 1 h. Default 15,000; 240,000 with
   * `"api-gateway"`.
   */
  readonly presenceRenew?: number;
  /**
   * How long another's presence is kept without news: 1 ms to 1 h. Default 30,000; 600,000 with `"api-gateway"`.
   */
  readonly presenceExpire?: number;
  /** The largest frame that is read, and the largest message in pieces: 1 KiB to 1 GiB. Default 67,108,864 (64 MiB). */
  readonly maxFrameBytes?: number;
  /** How much is held back until what it builds on arrives: 0 to 1 GiB. Default 16,777,216 (16 MiB). */
  readonly maxHeldBytes?: number;
}

/** The names of all options; a test compares them with those of the wasm. */
export const OPTION_NAMES = {
  connect: true,
  protocol: true,
  frames: true,
  params: true,
  protocols: true,
  WebSocket: true,
  closeCodes: true,
  store: true,
  storeTimeout: true,
  scope: true,
  sessionAwareness: true,
  token: true,
  tokenIn: true,
  tabs: true,
  warnBeforeUnload: true,
  connectTimeout: true,
  backoffBase: true,
  backoffCap: true,
  usefulAfter: true,
  quietTimeout: true,
  answerTimeout: true,
  connectionLifetime: true,
  presenceRenew: true,
  presenceExpire: true,
  maxFrameBytes: true,
  maxHeldBytes: true,
} satisfies Record<keyof Options, true>;
