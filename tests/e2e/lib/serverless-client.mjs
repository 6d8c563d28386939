// Decides how a client of others takes part in a test of the serverless example: yjs, with an envelope of its own making.

import { EventEmitter, once } from "node:events";
import { WebSocket } from "ws";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import { readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import { framesOf, Pieces } from "./serverless-words.mjs";
import { events, until } from "./until.mjs";

const SYNC = 0;
const PRESENCE = 1;
const AUTH = 2;
const QUERY_PRESENCE = 3;

/** Opens a connection and resolves with it, or rejects with an error whose `status` is the answer to the handshake. */
export async function connect(server, { room, token, protocols = [] }) {
  const query = new URLSearchParams(Object.entries({ room, token }).filter(([, value]) => value !== undefined));
  const socket = new WebSocket(`${server}?${query}`, protocols, { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (request, { statusCode }) => {
      request.destroy();
      reject(Object.assign(new Error(`the handshake was answered with ${statusCode}`), { status: statusCode }));
    });
  });
  return socket;
}

/** Joins `room` and resolves when the document is as the server has it. */
export async function joinServerless(server, { room, token }) {
  const client = new ServerlessClient(server, { room, token });
  try {
    await client.connect();
    await client.synced();
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}

/** Emits "news" with everything that may change what a test asks about it. */
class ServerlessClient extends EventEmitter {
  #address;
  #socket;
  #pieces = new Pieces();
  #hasState = false;

  doc = new Y.Doc();
  body = this.doc.getText("body");
  meta = this.doc.getMap("meta");
  todos = this.doc.getArray("todos");
  awareness = new Awareness(this.doc);
  /** Why the server denied access. */
  denied = undefined;
  /** The close code of the last connection. */
  closed = undefined;
  /** The largest frame that came, in bytes. */
  largestFrame = 0;
  /** How the frames of a message are sent: a test may do it in another order, or twice. */
  send = (frames) => frames.forEach((frame) => this.#socket.send(frame));

  constructor(server, where) {
    super();
    this.#address = [server, where];
    this.room = where.room;
    this.awareness.setLocalState(null);
    this.doc.on("update", (update, origin) => {
      if (origin !== this) this.#say(SYNC, (encoder) => writeUpdate(encoder, update));
      this.emit("news");
    });
    this.awareness.on("update", ({ added, updated, removed }, origin) => {
      const clients = [...added, ...updated, ...removed];
      if (origin === "local")
        this.#say(PRESENCE, (encoder) => encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(this.awareness, clients)));
      this.emit("news");
    });
  }

  /** Subscribes a listener to all news; returns what ends that. */
  news = (listener) => events(this, "news")(listener);

  async connect() {
    const socket = await connect(...this.#address);
    this.#socket = socket;
    this.#hasState = false;
    this.closed = undefined;
    socket.on("message", (data, isBinary) => this.#receive(String(data), isBinary));
    socket.on("close", (code) => {
      if (socket !== this.#socket) return;
      this.closed = code;
      this.emit("news");
    });
    this.#say(SYNC, (encoder) => writeSyncStep1(encoder, this.doc));
  }

  synced() {
    return until(() => this.#hasState, { sources: [this.news] });
  }

  /** Resolves when its text is `text`. */
  shows(text) {
    return until(() => this.body.toString() === text, { sources: [this.news], state: () => this.body.toString().slice(0, 200) });
  }

  /** Resolves with the states of the others once `condition` holds of them. */
  others(condition) {
    const states = () =>
      [...this.awareness.getStates()].filter(([client]) => client !== this.doc.clientID).map(([, state]) => state);
    return until(() => condition(states()) && states(), { sources: [this.news], state: states });
  }

  queryPresence() {
    this.#say(QUERY_PRESENCE, () => {});
  }

  /** Sends text as it is. */
  sendRaw(text) {
    this.#socket.send(text);
  }

  /** Ends the connection, and what is written from then on is not sent. */
  async disconnect() {
    const gone = once(this.#socket, "close");
    this.#socket.close();
    await gone;
  }

  close() {
    if (this.#socket?.readyState === WebSocket.OPEN) removeAwarenessStates(this.awareness, [this.doc.clientID], "local");
    this.#socket?.close();
    this.awareness.destroy();
    this.doc.destroy();
  }

  #say(type, write) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, type);
    write(encoder);
    this.send(framesOf(this.room, encoding.toUint8Array(encoder)));
  }

  #receive(text, isBinary) {
    if (isBinary) throw new Error("the server sent bytes");
    this.largestFrame = Math.max(this.largestFrame, Buffer.byteLength(text));
    const message = this.#pieces.add(this.room, text);
    if (message) this.#read(message);
  }

  #read(bytes) {
    const decoder = decoding.createDecoder(bytes);
    const type = decoding.readVarUint(decoder);
    if (type === SYNC) this.#readSync(decoder);
    if (type === PRESENCE) applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this);
    if (type === AUTH) this.denied = (decoding.readVarUint(decoder), decoding.readVarString(decoder));
    this.emit("news");
  }

  #readSync(decoder) {
    const encoder = encoding.createEncoder();
    const [ASKED, STATE] = [0, 1];
    const step = readSyncMessage(decoder, encoder, this.doc, this);
    if (step === STATE) this.#hasState = true;
    if (step === ASKED) this.#say(SYNC, (into) => encoding.writeUint8Array(into, encoding.toUint8Array(encoder)));
  }
}
