// What an application must not write. Each line has to be refused, or the compiler finds the comment unused.

import { forgetStored, open } from "syncline";
import type { Doc, Status } from "syncline";
import { bindInput } from "syncline/input";
import { useDoc, useList, useText } from "syncline/react";
import { bind, WebsocketProvider } from "syncline/yjs";
import * as Y from "yjs";

// @ts-expect-error unknown option
await open("ws://a", "b", { conectTimeout: 5 });
// @ts-expect-error a number, not a text
await open("ws://a", "b", { connectTimeout: "5s" });
// @ts-expect-error unknown action
await open("ws://a", "b", { closeCodes: { 4401: "panic" } });
// @ts-expect-error unknown protocol
await open("ws://a", "b", { protocol: "smoke-signals" });
// @ts-expect-error unknown kind of frames
await open("ws://a", "b", { protocol: "relay", frames: "morse" });
// @ts-expect-error unknown durability
await open("ws://a", "b", { store: { durability: "eternal" } });
// @ts-expect-error a token is a text or a function
await open("ws://a", "b", { token: 5 });
// @ts-expect-error a token function brings a text
await open("ws://a", "b", { token: () => undefined });
// @ts-expect-error nor a response
await open("ws://a", "b", { token: () => fetch("/token") });
// @ts-expect-error unknown place
await open("ws://a", "b", { token: "x", tokenIn: "cookie" });
// @ts-expect-error unknown level
await open("ws://a", "b", { warnBeforeUnload: "always" });
// @ts-expect-error everything of everybody is not forgotten by accident
await forgetStored({});
// @ts-expect-error the room is missing
await open("ws://a");

export function misuse(doc: Doc, status: Status): void {
  // @ts-expect-error unknown event
  doc.on("sync", () => {});
  // @ts-expect-error a payload is JSON
  doc.broadcast("reaction", { at: new Date() });
  // @ts-expect-error what is told is read-only
  doc.on("broadcast:reaction", (told) => (told.from = 1));
  // @ts-expect-error the event has no such field
  doc.on("status", ({ connected }) => connected);
  // @ts-expect-error a text begins with a string or a delta
  doc.map("meta").setText("title", 5);
  // @ts-expect-error it may not be there
  doc.list("todos").map(0).set("done", true);
  // @ts-expect-error a transaction cannot be asynchronous
  doc.transact(async () => 1);
  // @ts-expect-error nor return a promise
  doc.transact(() => Promise.resolve());
  // @ts-expect-error a function is no value
  doc.map("m").set("k", () => {});
  // @ts-expect-error nor is undefined
  doc.list("l").push(undefined);
  // @ts-expect-error nor is a Date
  doc.map("m").set("k", new Date());
  // @ts-expect-error presence is an object
  doc.presence.set("Ada");
  // @ts-expect-error presence is JSON
  doc.presence.set({ n: 1n });
  // @ts-expect-error a text is not bytes
  doc.applyUpdate("update");
  // @ts-expect-error the status is read-only
  status.phase = "synced";
  // @ts-expect-error no such phase
  if (status.phase === "online") return;
  // @ts-expect-error nor can it be replaced
  doc.status = status;
  // @ts-expect-error what was received is read-only
  doc.text("t").observe(({ delta }) => delta.push({ insert: "x" }));
}
// @ts-expect-error the documents are in the wrong order
bind(new Y.Doc(), await open("ws://a", "b"));
// @ts-expect-error unknown option
new WebsocketProvider("ws://a", "b", new Y.Doc(), { maxBackofTime: 5 });
// @ts-expect-error no such event
new WebsocketProvider("ws://a", "b", new Y.Doc()).on("stauts", () => {});

export function misuseBindings(doc: Doc, element: HTMLTextAreaElement): void {
  // @ts-expect-error a text, not a document
  bindInput(doc, element);
  // @ts-expect-error no element for text
  bindInput(doc.text("t"), document.createElement("div"));
  // @ts-expect-error unknown option
  bindInput(doc.text("t"), element, { und: undefined });
  // @ts-expect-error unknown option
  useDoc("ws://a", "b", { conectTimeout: 5 });
  // @ts-expect-error which text?
  useText(doc);
  // @ts-expect-error a map is no list
  useList(doc.map("m"));
  // @ts-expect-error what is shown is read-only
  useList(doc, "l")[0].push(1);
}
