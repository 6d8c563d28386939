// Decides what a client meets on the way to a good server: it is let through, or treated in one of the ways in which
// networks and servers fail.

import { EventEmitter, once } from "node:events";
import http from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import { DIALECTS } from "./dialects.mjs";

const CLOSE_FRAME = 0x88;
/** How long a connection works that is cut after a client could sync. */
const SHORT_LIFE_MS = 500;

/**
 * How new connections are treated:
 * - `pass`: what each side sends gets through;
 * - `hang`: the connection is taken and the handshake never answered;
 * - `mute`: the handshake is answered, then nothing is said;
 * - `drop`: the handshake is answered, then the connection is cut, or closed with `code`;
 * - `drop-later`: the connection works for half a second, in which a client can sync, and is cut.
 * @typedef {{ kind: "pass" | "hang" | "mute" | "drop" | "drop-later", code?: number }} Treatment
 */

/**
 * A door in front of the server at `target`. It emits "accepted" with every connection, and "left" whenever a client gives up a connection, by a close frame or
 * by ending it.
 */
export class Front extends EventEmitter {
  /** @type {Treatment} */
  treatment = { kind: "pass" };
  #dialect;
  #target;
  #server = http.createServer();
  #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 0 });
  #open = new Set();
  #lastMarker;
  /** What happens to frames on all connections, open and new: each is passed on as what this returns, if anything. */
  #filters = { up: (frame) => frame, down: (frame) => frame };

  /** At `port`, or at a free one, once it listens. */
  constructor({ port = 0, target, speaks }) {
    super();
    this.port = port;
    this.#target = target;
    this.#dialect = DIALECTS[speaks];
    this.#server.on("upgrade", (request, socket, head) => this.#accept(request, socket, head));
  }

  async listen() {
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
  }

  get url() {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** From now on every open connection is dead, and neither side is told. */
  goHalfOpen() {
    for (const { raw } of this.#open) deafen(raw, () => this.emit("left"));
  }

  /** From now on nothing that the server says gets through on the connections that are open. */
  mute() {
    for (const connection of this.#open) connection.isMuted = true;
  }

  /** The next content that the server sends arrives as what `damage` makes of it. */
  damageNextEdit(damage) {
    this.#filters.down = (frame, send) => {
      if (!this.#dialect.isEdit(frame)) return frame;
      this.#filters.down = (later) => later;
      damage(frame, send);
      return undefined;
    };
  }

  /** Nobody gets back what they sent. */
  dropEchoes() {
    this.#filters.down = (frame) => (this.#dialect.isEcho(frame) ? undefined : frame);
  }

  /** The server never hears of another edit, and is alive all the same: a marker is answered by the last one before. */
  swallowEdits() {
    const known = this.#lastMarker;
    this.#filters.up = (frame, answer) => {
      if (this.#dialect.isMarker(frame)) return void (known && answer(known));
      return this.#dialect.isEdit(frame) ? undefined : frame;
    };
  }

  /** The server hears of edits again. */
  passEdits() {
    this.#filters.up = (frame) => frame;
  }

  async close() {
    for (const { raw } of this.#open) raw.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, "close");
  }

  #accept(request, raw, head) {
    raw.on("error", () => {});
    raw.once("close", () => this.emit("left"));
    const { treatment } = this;
    this.emit("accepted");
    if (treatment.kind === "hang") return this.#track({ raw });
    this.#sockets.handleUpgrade(request, raw, head, (client) => {
      client.on("error", () => {});
      // That a client begins to close is news before the connection is gone.
      client.once("close", () => this.emit("left"));
      const connection = { raw, isMuted: treatment.kind === "mute" };
      this.#track(connection);
      if (treatment.kind === "drop") end(client, treatment.code);
      else this.#serve(request, client, connection, treatment);
    });
  }

  #track(connection) {
    this.#open.add(connection);
    connection.raw.once("close", () => this.#open.delete(connection));
  }

  #serve(request, client, connection, { kind }) {
    const server = new WebSocket(`ws://127.0.0.1:${this.#target}${request.url}`, { perMessageDeflate: false, maxPayload: 0 });
    const early = [];
    const toServer = (frame, binary = true) => {
      if (server.readyState === WebSocket.OPEN) server.send(frame, { binary });
      else early.push([frame, binary]);
    };
    const toClient = (frame, binary = true) => {
      if (!connection.isMuted && client.readyState === WebSocket.OPEN) client.send(frame, { binary });
    };
    if (kind === "drop-later") setTimeout(() => client.terminate(), SHORT_LIFE_MS);
    server.on("open", () => early.splice(0).forEach(([frame, binary]) => toServer(frame, binary)));
    server.on("error", () => {});
    server.on("close", () => client.terminate());
    client.on("close", () => server.terminate());
    client.on("message", (data, binary) => {
      if (this.#dialect.isMarker(data)) this.#lastMarker = data;
      const frame = this.#filters.up(data, toClient);
      if (frame !== undefined) toServer(frame, binary);
    });
    server.on("message", (data, binary) => {
      const frame = this.#filters.down(data, toClient);
      if (frame !== undefined) toClient(frame, binary);
    });
  }
}

function end(client, code) {
  if (code === undefined) client.terminate();
  else client.close(code, "torture");
}

/** Takes a connection away from those who read it: what comes is dropped, and only that the client gives up is noticed. */
function deafen(raw, onLeft) {
  raw.removeAllListeners("data");
  raw.removeAllListeners("end");
  raw.on("data", (bytes) => bytes[0] === CLOSE_FRAME && onLeft());
  raw.on("end", onLeft);
  raw.write = () => true;
  raw.end = () => raw;
  raw.resume();
}
