/** Decides how a document of Syncline looks to an app that was written for the provider of y-websocket. */

import { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import type { Doc } from "./doc.js";
import { report } from "./emitter.js";
import { SynclineError } from "./errors.js";
import type { Options, WebSocketConstructor } from "./options.js";
import type { Status, Unsubscribe } from "./types.js";
import { bind } from "./yjs-bind.js";

/** What y-websocket's provider takes, as far as it means something here, and the options of Syncline. */
export interface ProviderOptions {
  /** Whether to connect at once. Default `true`. */
  readonly connect?: boolean;
  /** What editor bindings show cursors by. Default a new one. */
  readonly awareness?: Awareness;
  /** Query parameters of the WebSocket's URL, for the life of the provider. Default none. */
  readonly params?: { readonly [name: string]: string };
  /** Subprotocols offered in the WebSocket handshake. Default none. */
  readonly protocols?: readonly string[];
  /** The WebSocket class. Default the global one. */
  readonly WebSocketPolyfill?: WebSocketConstructor;
  /** The upper bound of the wait before a reconnect, in milliseconds. Default that of Syncline, 30,000. */
  readonly maxBackoffTime?: number;
  /** Keeps the tabs of this browser apart: each has its own connection. Default `false`. */
  readonly disableBc?: boolean;
  /** Takes no effect: Syncline asks by itself, when there is a reason to. */
  readonly resyncInterval?: number;
  /** What `open` takes, such as `store`, `protocol` and `token`. It counts where an option above says otherwise. */
  readonly syncline?: Options;
  /** The `open` to use, such as that of `syncline/inline`. Default that of `syncline`. */
  readonly open?: Open;
}

/** How a document is opened; see `open`. */
export type Open = (url: string, room: string, options?: Options) => Promise<Doc>;

/** How a connection ended: a part of a CloseEvent. */
export interface ConnectionClosed {
  readonly code: number;
  readonly reason: string;
}

/** The events of a provider, by name: what their listeners are called with. */
export interface ProviderEvents {
  /** The connection came, went, or is being opened. */
  status: [{ readonly status: "connected" | "disconnected" | "connecting" }];
  /** Whether what the server has is here. */
  sync: [boolean];
  /** The same as `sync`. */
  synced: [boolean];
  /** A connection or an attempt has ended; `null` where it was without a close code. */
  "connection-close": [ConnectionClosed | null, Provider];
  /** An attempt has failed. */
  "connection-error": [SynclineError, Provider];
  /** The server does not want us back: `connect()` tries again. */
  closed: [ConnectionClosed, Provider];
}

/** The shape of y-websocket's provider. Made by `new WebsocketProvider(…)`. */
export abstract class Provider {
  readonly serverUrl: string;
  readonly roomname: string;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly params: { readonly [name: string]: string };
  /** The document behind it, for what y-websocket has not: `status`, `saved()`, `stored()`. Rejects where `open` does. */
  readonly opened: Promise<Doc>;

  /** By event: what each listener is called by. */
  readonly #listeners = new Map<keyof ProviderEvents, Map<Listener, Listener>>();
  readonly #onDocDestroyed = (): void => this.destroy();
  #state: State = { phase: "opening" };
  #shown: Status["phase"] = "disconnected";
  #shouldConnect: boolean;

  /** @internal */
  constructor(open: Open, serverUrl: string, roomname: string, doc: Y.Doc, options: ProviderOptions) {
    if ("shouldReconnect" in options) {
      const message = "'shouldReconnect' is not known here: say it by the option 'syncline: { closeCodes }'";
      throw new SynclineError("bad-option", message);
    }
    this.serverUrl = serverUrl.replace(/\/+$/, "");
    this.roomname = roomname;
    this.doc = doc;
    this.awareness = options.awareness ?? new Awareness(doc);
    this.params = options.params ?? {};
    this.#shouldConnect = options.connect ?? options.syncline?.connect ?? true;
    doc.on("destroy", this.#onDocDestroyed);
    const address = this.serverUrl.replace(/^http/, "ws");
    this.opened = (options.open ?? open)(address, roomname, toOptions(options)).then((opened) => this.#start(opened));
  }

  /** Where the document is at the server. */
  get url(): string {
    const query = new URLSearchParams(this.params).toString();
    return `${this.serverUrl}/${this.roomname}${query && `?${query}`}`;
  }

  /** Whether the connection is open. */
  get wsconnected(): boolean {
    return isConnected(this.#shown);
  }

  /** Whether the connection is being opened. */
  get wsconnecting(): boolean {
    return this.#shown === "connecting";
  }

  /** Whether what the server has is here, and edits travel as they are made. */
  get synced(): boolean {
    return this.#shown === "synced";
  }

  /** Whether the app wants a connection, and the server has not refused one. */
  get shouldConnect(): boolean {
    return this.#shouldConnect;
  }

  /** Connects and stays connected; also where the server has refused. */
  connect(): void {
    this.#shouldConnect = true;
    if (this.#state.phase !== "bound") return;
    const { document } = this.#state;
    if (document.status.phase === "stopped") document.reconnect();
    else document.connect();
  }

  /** Disconnects until `connect()`. The Y.Doc can be edited meanwhile. */
  disconnect(): void {
    this.#shouldConnect = false;
    if (this.#state.phase === "bound") this.#state.document.disconnect();
  }

  /** Ends the connection and lets go of the Y.Doc, for good. */
  destroy(): void {
    const state = this.#state;
    if (state.phase === "destroyed") return;
    this.#shouldConnect = false;
    this.#state = { phase: "destroyed" };
    this.doc.off("destroy", this.#onDocDestroyed);
    if (state.phase === "bound") {
      state.unbind();
      void state.document.close();
    }
    this.#listeners.clear();
  }

  /** Calls `listener` at every event of this name. */
  on<Name extends keyof ProviderEvents>(name: Name, listener: (...args: ProviderEvents[Name]) => void): void {
    this.#add(name, listener as Listener, listener as Listener);
  }

  /** Calls `listener` at the next event of this name. */
  once<Name extends keyof ProviderEvents>(name: Name, listener: (...args: ProviderEvents[Name]) => void): void {
    const onNext = (...args: ProviderEvents[Name]): void => {
      this.off(name, listener);
      listener(...args);
    };
    this.#add(name, listener as Listener, onNext as Listener);
  }

  /** Ends what `on` and `once` have begun. */
  off<Name extends keyof ProviderEvents>(name: Name, listener: (...args: ProviderEvents[Name]) => void): void {
    this.#listeners.get(name)?.delete(listener as Listener);
  }

  #add(name: keyof ProviderEvents, listener: Listener, call: Listener): void {
    const listeners = this.#listeners.get(name) ?? new Map<Listener, Listener>();
    this.#listeners.set(name, listeners.set(listener, call));
  }

  #emit<Name extends keyof ProviderEvents>(name: Name, ...args: ProviderEvents[Name]): void {
    for (const call of [...(this.#listeners.get(name)?.values() ?? [])]) {
      try {
        call(...args);
      } catch (error) {
        report(error);
      }
    }
  }

  #start(document: Doc): Doc {
    if (this.#state.phase === "destroyed") {
      void document.close();
      return document;
    }
    try {
      const unbind = bind(document, this.doc, { awareness: this.awareness, origin: this });
      this.#state = { phase: "bound", document, unbind };
    } catch (error) {
      void document.close();
      throw error;
    }
    document.on("status", (status) => this.#show(status));
    document.on("close", () => this.destroy());
    if (this.#shouldConnect) document.connect();
    return document;
  }

  /** Tells what has changed by the events of y-websocket, in the order in which it does. */
  #show(status: Status): void {
    const [before, after] = [this.#shown, status.phase];
    if (before === after) return;
    this.#shown = after;
    if (after === "stopped") this.#shouldConnect = false;
    const hasLost = isConnected(before) && !isConnected(after);
    if (before === "connecting" && !isConnected(after) && status.reason) {
      this.#emit("connection-error", failedBy(status), this);
    }
    if (hasLost || (before === "connecting" && !isConnected(after))) this.#emit("connection-close", closedBy(status), this);
    if (isConnected(after) && !isConnected(before)) this.#emit("status", { status: "connected" });
    if ((before === "synced") !== (after === "synced")) {
      this.#emit("synced", after === "synced");
      this.#emit("sync", after === "synced");
    }
    if (hasLost) this.#emit("status", { status: "disconnected" });
    if (after === "connecting") this.#emit("status", { status: "connecting" });
    if (after === "stopped") this.#emit("closed", closedBy(status) ?? withoutCode(status), this);
  }
}

/** How far a provider has come. */
type State =
  | { readonly phase: "opening" }
  | { readonly phase: "bound"; readonly document: Doc; readonly unbind: Unsubscribe }
  | { readonly phase: "destroyed" };

type Listener = (...args: unknown[]) => void;

/** The options of `open` that mean the same. */
function toOptions(options: ProviderOptions): Options {
  const { params, protocols, WebSocketPolyfill, maxBackoffTime, disableBc, syncline } = options;
  return {
    ...(params && { params }),
    ...(protocols && protocols.length > 0 && { protocols }),
    ...(WebSocketPolyfill && { WebSocket: WebSocketPolyfill }),
    ...(maxBackoffTime !== undefined && { backoffCap: maxBackoffTime }),
    ...(disableBc && { tabs: false }),
    ...syncline,
    // Whether to connect may change until the document is there.
    connect: false,
  };
}

function isConnected(phase: Status["phase"]): boolean {
  return phase === "handshaking" || phase === "synced";
}

function closedBy({ reason }: Status): ConnectionClosed | null {
  return reason?.closeCode === undefined ? null : { code: reason.closeCode, reason: reason.message };
}

/** As browsers say that there was no code. */
function withoutCode({ reason }: Status): ConnectionClosed {
  return { code: 1005, reason: reason?.message ?? "" };
}

function failedBy({ reason }: Status): SynclineError {
  return new SynclineError("stopped", `the attempt to connect failed: ${reason?.message ?? "for an unknown reason"}`);
}
