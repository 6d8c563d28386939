// What an application writes, with the types it expects. Compiled, never run.

import { forgetStored, listStored, open, SynclineError } from "syncline";
import type { Cursor, Doc, ErrorCode, JsonValue, List, ListDelta, MapType, Options, Phase, PresenceState, RefusedChange, Status } from "syncline";
import type { Counters, PastDoc, Recovered, StoredDocument, StorePhase, Trace, Trap } from "syncline";
import type { Text, TextDelta, TokenAnswer, UndoManager, Value } from "syncline";
import { attach, connect, quill, serve } from "syncline/delta";
import type { DeltaEditor, DeltaMessage, DeltaPort } from "syncline/delta";
import { open as openInline } from "syncline/inline";
import { bindInput } from "syncline/input";
import { useDoc, useList, useMap, usePresence, useStatus, useText } from "syncline/react";
import type { DocOptions, ListSnapshot, MapSnapshot } from "syncline/react";
import { init, open as openSlim } from "syncline/slim";
import { bind, WebsocketProvider } from "syncline/yjs";
import type { ProviderOptions } from "syncline/yjs";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

export const options: Options = { connect: false, params: { token: "x" }, closeCodes: { 4401: "retry" }, WebSocket };

export const logged: Options[] = [{ logger: console }, { logger: (level, message, fields) => console.log(level, message, fields.client) }];
declare function sendBeacon(...values: (string | number)[]): void;

export async function use(): Promise<void> {
  await using doc = await open("wss://sync.example.com", "team-notes", options);
  same<typeof doc, Doc>(true);

  const body = doc.text("body");
  same<typeof body, Text>(true);
  body.insert(0, "Hello", { bold: true });
  body.format(0, 5, { bold: null });
  body.applyDelta([{ retain: 5 }, { insert: { image: "a.png" } }, { delete: 1 }]);
  const stop = body.observe(({ delta, origin }) => {
    same<typeof delta, readonly TextDelta[]>(true);
    same<typeof origin, "local" | "remote">(true);
  });
  stop();

  doc.map("meta").set("title", "Plan");
  const title = doc.map("meta").get("title");
  same<typeof title, Value | undefined>(true);
  doc.map("meta").observe(({ keys }) => {
    for (const { action } of Object.values(keys)) same<typeof action, "add" | "update" | "delete">(true);
  });

  doc.list("todos").push({ done: false, label: "ship" }, 1n, new Uint8Array(), [null]);
  doc.list("todos").observe(({ delta }) => same<typeof delta, readonly ListDelta[]>(true));

  const todo = doc.list("todos").insertMap(0, { done: false });
  same<typeof todo, MapType>(true);
  const nested = [todo.setText("title", [{ insert: "Plan", attributes: { bold: true } }]), todo.text("title")] as const;
  same<typeof nested, readonly [Text, Text | undefined]>(true);
  same<ReturnType<typeof todo.setList>, List>(true);
  same<ReturnType<List["map"]>, MapType | undefined>(true);
  same<ReturnType<typeof doc.trace>, Trace>(true);
  same<ReturnType<typeof doc.counters>, Counters>(true);
  const [, kind] = doc.trace().entries[0]!;
  sendBeacon(doc.explain(), kind, doc.counters().latencyP99);

  const sum = doc.transact(() => 1 + 1);
  same<typeof sum, number>(true);
  doc.transact(() => body.insert(0, "x"));

  doc.on("status", (status) => same<typeof status, Status>(true));
  doc.on("presence", ({ added }) => added.map((id) => id.toFixed()));
  const told: boolean = doc.broadcast("reaction", { emoji: "🎉" }) && doc.broadcast("ping");
  doc.on("broadcast:reaction", ({ payload, from }) => {
    same<typeof payload, JsonValue>(true);
    from.toFixed(Number(told));
  });
  doc.on("problem", ({ message }) => message.length);
  doc.on("close", ({ phase }) => same<typeof phase, Phase>(true));

  doc.presence.set({ name: "Ada", cursor: { index: 5 } });
  doc.presence.update({ cursor: undefined });
  const cursor = body.cursor(0, "before");
  same<typeof cursor, Cursor>(true);
  doc.presence.set({ cursor });
  same<number | undefined, ReturnType<typeof body.resolve>>(true);
  doc.list("todos").resolve(doc.list("todos").cursor(0));
  const undo = doc.undo({ scope: [body, doc.map("meta"), doc.list("todos")], captureTimeout: 0 });
  same<typeof undo, UndoManager>(true);
  undo.observe(({ type, stack, step }) => {
    same<typeof type, "added" | "extended" | "popped" | "cleared">(true);
    same<typeof stack, "undo" | "redo">(true);
    if (type === "added") step.selection = cursor;
  });
  same<boolean, typeof undo.canUndo>(true);
  same<typeof doc.presence.states, ReadonlyMap<number, PresenceState>>(true);

  const { unstored, store, tab, recovered } = doc.status;
  same<typeof recovered, Recovered | undefined>(true);
  same<Recovered["reason"], Trap>(true);
  same<typeof unstored, number | undefined>(true);
  if (store) same<typeof store.phase, StorePhase>(true);
  if (tab && tab.leader !== tab.number) tab.leader.toFixed();
  doc.on("refused", ({ changes }) => {
    for (const change of changes) {
      same<typeof change, RefusedChange>(true);
      if (change.type === "text") same<typeof change.delta, readonly TextDelta[]>(true);
    }
  });

  await doc.saved();
  await doc.stored();
  await doc.forget();
  doc.applyUpdate(doc.encodeUpdate(doc.stateVector()));
}

export const kept: Options = {
  store: { name: "notes", durability: "relaxed" },
  storeTimeout: 500,
  scope: "ada",
  tabs: false,
  token: "x",
  protocol: "hocuspocus",
  warnBeforeUnload: "unstored",
};

export const relayed: Options = { protocol: "relay", frames: "text" };
export const fixedToken: Options = { token: "x", tokenIn: "protocol", protocols: ["notes"] };
export const askedToken: Options = { token: async () => (await fetch("/token")).text(), tokenIn: "query" };
export const datedToken: Options = { token: () => ({ token: "x", expiresIn: 60_000 }) };
export const typedToken: Options = { token: (): Promise<TokenAnswer> => Promise.resolve({ token: "x" }) };

export async function signOut(): Promise<void> {
  const documents = await listStored({ scope: "ada" });
  same<typeof documents, StoredDocument[]>(true);
  await forgetStored({ scope: "ada" });
}

export function explain(error: unknown): string {
  if (!(error instanceof SynclineError)) return "";
  same<typeof error.code, ErrorCode>(true);
  return error.code === "closed" ? "" : error.message;
}

/** As the package `ws` declares its class. */
declare class NodeWebSocket {
  constructor(address: string | URL, options?: { origin?: string });
  constructor(address: string | URL, protocols?: string | string[], options?: { origin?: string });
  binaryType: "nodebuffer" | "arraybuffer" | "fragments";
  readonly readyState: 0 | 1 | 2 | 3;
  send(data: string | ArrayBufferLike | ArrayBufferView, callback?: (error?: Error) => void): void;
  send(data: string, options: { binary?: boolean }, callback?: (error?: Error) => void): void;
  close(code?: number, data?: string | Uint8Array): void;
  addEventListener<K extends "open" | "message">(
    type: K,
    listener: ((event: { open: Event; message: MessageEvent }[K]) => void) | { handleEvent(event: Event): void },
    options?: { once?: boolean },
  ): void;
  removeEventListener<K extends "open" | "message">(
    type: K,
    listener: ((event: { open: Event; message: MessageEvent }[K]) => void) | { handleEvent(event: Event): void },
  ): void;
}

export const inNode: Options = { WebSocket: NodeWebSocket };

export async function otherEntries(module: WebAssembly.Module): Promise<void> {
  await init(module);
  await init(fetch("syncline.wasm"));
  same<typeof openInline, typeof open>(true);
  same<typeof openSlim, typeof open>(true);
}

export async function withYjs(): Promise<void> {
  const ydoc = new Y.Doc();
  await using doc = await open("wss://sync.example.com", "team-notes");
  const unbind = bind(doc, ydoc, { awareness: new Awareness(ydoc) });
  doc.on("update", ({ update, origin }) => {
    same<typeof update, Uint8Array>(true);
    same<typeof origin, "local" | "remote">(true);
  });
  unbind();
}

/** As apps use the class of y-websocket. */
export function asWithYWebsocket(options: ProviderOptions): void {
  const ydoc = new Y.Doc();
  const provider = new WebsocketProvider("wss://sync.example.com", "team-notes", ydoc, { params: { token: "x" }, connect: false });
  provider.on("status", ({ status }) => same<typeof status, "connected" | "disconnected" | "connecting">(true));
  provider.on("sync", (isSynced) => same<typeof isSynced, boolean>(true));
  provider.once("connection-error", (error, from) => from.awareness.setLocalStateField("error", error.message));
  provider.on("connection-close", (event) => event?.code.toFixed());
  provider.awareness.setLocalStateField("user", { name: "Ada" });
  provider.connect();
  provider.disconnect();
  provider.destroy();
  void provider.opened.then((doc) => doc.saved());
  new WebsocketProvider("ws://a", "b", ydoc, { ...options, syncline: { store: true }, open: openInline, WebSocketPolyfill: NodeWebSocket });
}

export function withAnElement(doc: Doc, element: HTMLTextAreaElement | HTMLInputElement): void {
  const end = bindInput(doc.text("body"), element);
  end();
  const steps = { undo: () => true, redo: () => true, observe: () => () => {} };
  bindInput(doc.text("body"), element, { undo: steps });
}

/** A component. */
export function WithReact(options: DocOptions): string {
  const doc = useDoc("wss://sync.example.com", "team-notes", { store: true, ...options, open: openInline });
  same<typeof doc, Doc | undefined>(true);
  same<ReturnType<typeof useDoc>, Doc | undefined>(true);
  useDoc(undefined, undefined);
  const [value, text] = useText(doc, "body");
  same<typeof value, string>(true);
  same<typeof text, Text | undefined>(true);
  useText(text);
  const [meta, map] = useMap(doc, "meta");
  same<typeof meta, MapSnapshot>(true);
  map?.set("title", meta["title"] ?? "");
  const [todos, list] = useList(doc, "todos");
  same<typeof todos, ListSnapshot>(true);
  list?.push(...todos);
  same<ReturnType<typeof useStatus>, Status | undefined>(true);
  const [states, presence] = usePresence(doc);
  same<typeof states, ReadonlyMap<number, PresenceState>>(true);
  presence?.set({ name: "Ada" });
  return useStatus(doc)?.phase ?? value;
}

export async function inThePast(stored: Uint8Array): Promise<void> {
  await using doc = await open("wss://sync.example.com", "team-notes");
  const snapshot: Uint8Array = doc.snapshot();
  const then: PastDoc = doc.at(stored);
  same<TextDelta[], ReturnType<ReturnType<typeof then.text>["toDelta"]>>(true);
  same<Value | undefined, ReturnType<ReturnType<typeof then.map>["get"]>>(true);
  same<number, ReturnType<typeof then.list>["length"]>(true);
  const changed: TextDelta[] = doc.text("body").diff(stored, snapshot);
  doc.text("body").applyDelta(doc.text("body").diff(snapshot).concat(changed));
  for (const type of [doc, doc.text("body"), doc.map("meta"), doc.list("todos")]) type.restore(stored);
}

/** What there is of the class in the types of Quill 2. */
declare class Quill {
  getLength(): number;
  setContents(delta: QuillDelta | QuillStep[], source?: "api" | "user" | "silent"): QuillDelta;
  updateContents(delta: QuillDelta | QuillStep[], source?: "api" | "user" | "silent"): QuillDelta;
  on(event: "text-change", handler: (delta: QuillDelta, before: QuillDelta, source: "api" | "user" | "silent") => void): this;
  on(event: "selection-change", handler: (range: { index: number }) => void): this;
  off(event: string, handler: (...args: any[]) => void): this;
}
type QuillStep = { insert?: string | Record<string, unknown>; delete?: number; retain?: number | Record<string, unknown> };
type QuillDelta = { ops: QuillStep[] };

export function withDeltas(text: Text, editor: DeltaEditor, worker: Worker): void {
  const detach: () => void = attach(text, editor);
  attach(text, quill(new Quill()));
  const port: DeltaPort = {
    post: (message: DeltaMessage) => worker.postMessage(message),
    onMessage: (listener) => {
      worker.onmessage = ({ data }) => listener(data);
      return () => (worker.onmessage = null);
    },
  };
  for (const end of [serve(text, port), connect(port, editor), detach]) end();
}
