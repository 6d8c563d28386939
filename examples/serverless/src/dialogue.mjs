// Decides what a message from a member is answered with, what of it is stored, and who else is told.

import { readEntries, writeEntries } from "./awareness.mjs";
import { isFirstGreeting } from "./connections.mjs";
import { append, compactAlone, readDocument } from "./document.mjs";
import { askMessage, deniedMessage, presenceMessage, stateMessage, updateMessage } from "./messages.mjs";
import { present, remember } from "./presence.mjs";
import { hasGap, isNews, lackedBy, readUpdate, vectorOf } from "./updates.mjs";

/**
 * @param {import("./gateway.mjs").Gateway} gateway
 * @param {import("./connections.mjs").Member} member
 * @param {NonNullable<ReturnType<typeof import("./messages.mjs").readMessage>>} message
 */
export async function answer(gateway, member, message) {
  switch (message.kind) {
    case "ask":
      return answerAsk(gateway, member, message.bytes);
    case "state":
      return takeState(gateway, member, message.bytes);
    case "update":
      return takeUpdate(gateway, member, message.bytes);
    case "presence":
      return takePresence(gateway, member, message.bytes);
    case "query-presence":
      return tellPresence(gateway, member);
  }
}

/**
 * SyncStep1: what the client lacks, and a question of our own. Clients ask when they come, when an edit was not echoed, and
 * otherwise every few minutes; asking back brings what a Lambda that died has lost. Where it is clear that something is
 * missing everybody is asked: somebody has it, mostly not the one who asks.
 */
async function answerAsk(gateway, member, vector) {
  const { room, id } = member;
  const document = await readDocument(room);
  const lacked = lackedBy(vector, document.update);
  if (lacked === undefined) return;
  // Who is told after it is in step takes it for something that happens then.
  if (await isFirstGreeting(member)) await tellPresence(gateway, member);
  await gateway.send(room, [id], stateMessage(lacked));
  const question = askMessage(vectorOf(document.update));
  if (hasGap(document.update)) await gateway.relay(room, question);
  else await gateway.send(room, [id], question);
  if (document.isDue) await tidy(room);
}

/** SyncStep2: mostly says what we have. Only what is news is stored and told. */
async function takeState(gateway, member, bytes) {
  const update = readUpdate(bytes);
  if (update === undefined) return;
  const document = await readDocument(member.room);
  if (!isNews(update, document.update)) return;
  await store(gateway, member, lackedBy(vectorOf(document.update), update));
}

async function takeUpdate(gateway, member, bytes) {
  const update = readUpdate(bytes);
  if (update !== undefined) await store(gateway, member, update);
}

/** Nothing is told before it is stored: to its sender the echo is the proof that it is. */
async function store(gateway, { room, id, access }, update) {
  if (access === "read-only") return gateway.send(room, [id], deniedMessage("this token may only read"));
  const { isDue } = await append(room, update);
  await gateway.relay(room, updateMessage(update));
  if (isDue) await tidy(room);
}

async function takePresence(gateway, member, bytes) {
  const entries = readEntries(bytes);
  if (entries === undefined || entries.length === 0) return;
  await remember(member, entries);
  await gateway.relay(member.room, presenceMessage(bytes));
}

async function tellPresence(gateway, { room, id }) {
  const entries = await present(room, { except: id });
  if (entries.length > 0) await gateway.send(room, [id], presenceMessage(writeEntries(entries)));
}

/** What was to be stored is stored: a compaction that fails is left to the next one. */
async function tidy(room) {
  await compactAlone(room).catch((error) => console.error("a log was not compacted:", error));
}
