// Decides how a test plays a whole server without a network: a Y.Doc behind a WebSocket class, which answers as y-websocket does.

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import * as sync from "y-protocols/sync";
import * as Y from "yjs";

const [SYNC, AWARENESS] = [0, 1];

/** A server with one document, and the class of the sockets that lead to it. */
export class PlayedServer {
  doc = new Y.Doc();
  awareness = new Awareness(this.doc);
  sockets = new Set();
  /** The sockets that there ever were, also those that were never closed. */
  opened = [];

  constructor() {
    this.awareness.setLocalState(null);
    this.doc.on("update", (update, origin) => this.#tell(SYNC, (message) => sync.writeUpdate(message, update), origin));
    this.awareness.on("update", ({ added, updated, removed }, origin) => {
      const update = encodeAwarenessUpdate(this.awareness, [...added, ...updated, ...removed]);
      this.#tell(AWARENESS, (message) => encoding.writeVarUint8Array(message, update), origin);
    });
    const server = this;
    this.WebSocket = class extends PlayedSocket {
      constructor() {
        super(server);
      }
    };
  }

  end() {
    this.awareness.destroy();
    this.doc.destroy();
  }

  #tell(kind, write, origin) {
    // y-websocket tells the author too, which is the proof that it came.
    void origin;
    for (const socket of this.sockets) socket.tell(framed(kind, write));
  }
}

/** One socket: what is sent and told arrives in tasks of their own, in order. */
class PlayedSocket extends EventTarget {
  readyState = 0;
  bufferedAmount = 0;
  #server;
  #clients = new Set();

  constructor(server) {
    super();
    this.#server = server;
    server.opened.push(this);
    setImmediate(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      server.sockets.add(this);
      this.dispatchEvent(new Event("open"));
      this.tell(framed(SYNC, (message) => sync.writeSyncStep1(message, server.doc)));
    });
  }

  send(data) {
    const frame = Uint8Array.from(data);
    if (this.readyState === 1) setImmediate(() => this.#take(frame));
  }

  tell(frame) {
    setImmediate(() => {
      if (this.readyState !== 1) return;
      this.dispatchEvent(Object.assign(new Event("message"), { data: frame.slice().buffer }));
    });
  }

  close() {
    if (this.readyState > 1) return;
    this.readyState = 3;
    // Behind what was sent before.
    setImmediate(() => {
      this.#server.sockets.delete(this);
      removeAwarenessStates(this.#server.awareness, [...this.#clients], this);
      this.dispatchEvent(Object.assign(new Event("close"), { code: 1000, reason: "" }));
    });
  }

  #take(frame) {
    const decoder = decoding.createDecoder(frame);
    const kind = decoding.readVarUint(decoder);
    if (kind === SYNC) {
      const answer = framed(SYNC, (message) => sync.readSyncMessage(decoder, message, this.#server.doc, this));
      if (answer.length > 1) this.tell(answer);
    } else if (kind === AWARENESS) {
      const update = decoding.readVarUint8Array(decoder);
      const seen = ({ added }) => added.forEach((client) => this.#clients.add(client));
      this.#server.awareness.on("update", seen);
      applyAwarenessUpdate(this.#server.awareness, update, this);
      this.#server.awareness.off("update", seen);
    }
  }
}

function framed(kind, write) {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, kind);
  write(encoder);
  return encoding.toUint8Array(encoder);
}
