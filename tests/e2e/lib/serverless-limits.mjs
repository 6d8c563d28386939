// Decides what stands between clients and the emulator of API Gateway: the limits that AWS has and the emulator has not.

import { once } from "node:events";
import http from "node:http";
import { WebSocket, WebSocketServer } from "ws";

const MINUTE_MS = 60_000;

/**
 * @typedef {object} Limits
 * @property {number} frameBytes of a client's frame. A message is taken for one frame, which it is from all clients here
 * @property {number} messageBytes of a message from the server
 * @property {number} idleMs how long a connection may be without a message in either direction
 * @property {number} lifetimeMs how long a connection may be at all
 */

/** docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
const AWS = { frameBytes: 32 * 1024, messageBytes: 128 * 1024, idleMs: 10 * MINUTE_MS, lifetimeMs: 120 * MINUTE_MS };

const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const NO_STATUS = 1005;
const ABNORMAL = 1006;
const TOO_LARGE = 1009;
/** Far more than any limit here: this proxy sees what is too large, and says so. */
const OWN_LIMIT = 64 * 1024 * 1024;

/**
 * Starts the limits in front of `target`, a ws: URL.
 * @param {string} target
 * @param {Partial<Limits>} [limits]
 */
export async function startLimits(target, limits = {}) {
  const proxy = new LimitsProxy(target);
  proxy.set(limits);
  await proxy.listen();
  return proxy;
}

class LimitsProxy {
  #target;
  #server = http.createServer();
  #acceptor = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: OWN_LIMIT });
  #upstream = new Set();
  #disorder;
  #limits;
  #isToLose = () => false;

  /** The close codes of connections that a limit ended. */
  ended = [];
  /** How many connections were opened. */
  opened = 0;
  /** The largest message from a client, in bytes. */
  largestMessage = 0;

  constructor(target) {
    this.#target = target;
  }

  async listen() {
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
    this.url = `ws://127.0.0.1:${this.port}`;
  }

  /** Sets limits for connections from now on, those of AWS where nothing else is said. @param {Partial<Limits>} [limits] */
  set(limits = {}) {
    this.#limits = { ...AWS, ...limits };
  }

  /**
   * From now on messages of both directions arrive late, overtake each other, and sometimes arrive twice; without
   * `random` they are passed on as they come.
   * @param {ReturnType<typeof import("./random.mjs").random>} [random]
   */
  disorder(random) {
    this.#disorder = random;
  }

  /**
   * Loses the next message of a client that is as `matches` says, as when a Lambda dies without a word.
   * @param {(text: string) => boolean} matches
   */
  loseOne(matches) {
    this.#isToLose = (text) => {
      if (!matches(text)) return false;
      this.#isToLose = () => false;
      return true;
    };
  }

  /** Sends a text to every client, as if it came from the server. */
  sayToAll(text) {
    for (const client of this.#acceptor.clients) client.send(text);
  }

  async close() {
    this.#server.close();
    for (const socket of [...this.#acceptor.clients, ...this.#upstream]) socket.terminate();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /** The server decides first: a handshake that it refuses is refused to the client in the same words. */
  #upgrade(request, socket, head) {
    socket.on("error", () => {});
    const protocols = (request.headers["sec-websocket-protocol"] ?? "")
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean);
    const server = new WebSocket(`${this.#target}${request.url}`, protocols, { perMessageDeflate: false, maxPayload: OWN_LIMIT });
    this.#upstream.add(server);
    server.on("close", () => this.#upstream.delete(server));
    const refuse = (status) =>
      socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    server.on("error", () => refuse(502));
    server.on("unexpected-response", (upgrade, { statusCode }) => (upgrade.destroy(), refuse(statusCode)));
    socket.on("close", () => server.readyState === WebSocket.CONNECTING && server.terminate());
    server.on("open", () => {
      server.removeAllListeners("error").on("error", () => {});
      this.#acceptor.handleUpgrade(request, socket, head, (client) => this.#join(client, server));
    });
  }

  #join(client, server) {
    this.opened += 1;
    const end = (code) => {
      if (client.readyState !== WebSocket.OPEN) return;
      this.ended.push(code);
      client.close(code);
    };
    const lifetime = setTimeout(() => end(GOING_AWAY), this.#limits.lifetimeMs);
    const idle = setTimeout(() => end(GOING_AWAY), this.#limits.idleMs);
    client.on("message", (data, isBinary) => {
      idle.refresh();
      this.largestMessage = Math.max(this.largestMessage, data.length);
      if (isBinary) return end(UNSUPPORTED_DATA);
      if (data.length > this.#limits.frameBytes) return end(TOO_LARGE);
      if (!this.#isToLose(String(data))) this.#pass(server, String(data));
    });
    server.on("message", (data) => {
      idle.refresh();
      if (data.length > this.#limits.messageBytes) return end(TOO_LARGE);
      this.#pass(client, String(data));
    });
    client.on("error", () => {});
    client.on("close", () => {
      clearTimeout(lifetime);
      clearTimeout(idle);
      server.close();
    });
    // What has no code on the wire cannot be sent on with one.
    server.on("close", (code) => (code === ABNORMAL ? client.terminate() : client.close(code === NO_STATUS ? undefined : code)));
  }

  #pass(socket, text) {
    const send = () => socket.readyState === WebSocket.OPEN && socket.send(text);
    if (!this.#disorder) return send();
    const times = this.#disorder.chance(0.2) ? 2 : 1;
    for (let n = 0; n < times; n++) setTimeout(send, this.#disorder.below(40));
  }
}
