/** Decides what an application can say about how a document is opened. */

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

/** How grave it is what a logger is told. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What is told as it happens, with numbers and codes beside it. It has no contents and no tokens. */
export type LogRecord = { readonly client: number; readonly [name: string]: string | number };

/** What is told of the life of a document, by level; the `console` is one. */
export type Logger = { readonly [Level in LogLevel]?: (message: string, fields: LogRecord) => void };

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
  /**
   * Is told of every change of phase, failed attempt, refusal and problem: an object with any of `debug`, `info`, `warn`
   * and `error`, such as the console, or a function. What it throws stops nothing. Default none.
   */
  readonly logger?: Logger | ((level: LogLevel, message: string, fields: LogRecord) => void);
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
  logger: true,
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
