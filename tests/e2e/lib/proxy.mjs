// Decides what the network does in the tests: a TCP proxy that passes bytes on, or fails in one of the ways networks fail.

import { EventEmitter, once } from "node:events";
import net from "node:net";

const MAX_QUEUED_BYTES = 1 << 20;

/**
 * What happens to bytes and to new connections:
 * - `pass`: they get through;
 * - `refuse`: new connections are reset (those that exist are not touched: see {@link TcpProxy.cut});
 * - `blackhole`: every connection stays open and nothing gets through any more, as on a half-open connection.
 * @typedef {"pass" | "refuse" | "blackhole"} Mode
 */

/** Starts a proxy on a free port of the loopback, in front of `target`, a port or a ws: URL. */
export async function startProxy(target) {
  const targetPort = typeof target === "number" ? target : Number(new URL(target).port);
  const proxy = new TcpProxy(targetPort);
  await proxy.listen();
  return proxy;
}

/** Emits "connection" with each {@link ProxiedConnection} and "closed" after one ended. */
class TcpProxy extends EventEmitter {
  /** @type {Mode} */
  #mode = "pass";
  #server;
  #targetPort;
  #connections = new Set();

  /** How many bytes have been passed on to the server and to the clients, over all connections. */
  bytes = { up: 0, down: 0 };
  /** How many connections have been accepted, and how many were refused. */
  accepted = 0;
  refused = 0;
  /** Delay of every byte in each direction, in milliseconds. */
  latency = 0;
  /** How many bytes a second each connection may carry in each direction. */
  rate = Infinity;

  constructor(targetPort) {
    super();
    this.#targetPort = targetPort;
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  async listen() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
    this.url = `ws://127.0.0.1:${this.port}`;
  }

  /** The connections that are open. */
  get connections() {
    return [...this.#connections];
  }

  /** Resets every connection that is open. What follows is decided by the mode: the next one may pass. */
  cut() {
    for (const connection of this.connections) connection.cut();
  }

  /** Cuts what is open and refuses what is new: there is no network until {@link restore}. */
  goDown() {
    this.#mode = "refuse";
    this.cut();
  }

  /** Lets every connection, open or new, stay open without a byte getting through, until {@link restore}. */
  blackhole() {
    this.#mode = "blackhole";
    for (const connection of this.connections) connection.blackhole();
  }

  /** New connections get through. One that was blackholed has lost bytes for good, so it stays silent. */
  restore() {
    this.#mode = "pass";
  }

  /** Ends all connections and stops listening. */
  async close() {
    this.#mode = "refuse";
    this.#server.close();
    this.cut();
    await once(this.#server, "close");
  }

  #accept(client) {
    if (this.#mode === "refuse") {
      this.refused += 1;
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    this.accepted += 1;
    const connection = new ProxiedConnection(client, this.#targetPort, this);
    if (this.#mode === "blackhole") connection.blackhole();
    this.#connections.add(connection);
    connection.closed.then(() => {
      this.#connections.delete(connection);
      this.emit("closed", connection);
    });
    this.emit("connection", connection);
  }
}

/** One client's connection through the proxy. */
class ProxiedConnection {
  #client;
  #server;
  #swallows = false;
  #shaping;
  /** Does something once all that the server has sent so far was passed on. */
  #afterCarried;

  constructor(client, targetPort, proxy) {
    this.#client = client;
    this.#shaping = proxy;
    this.#server = net.connect({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true });
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      // A reset of either side ends both, as it would without the proxy.
      socket.on("error", () => this.cut());
    }
    this.closed = Promise.all([client, this.#server].map((socket) => new Promise((done) => socket.once("close", done))));
    this.#carry(client, this.#server, (count) => (proxy.bytes.up += count));
    this.#afterCarried = this.#carry(this.#server, client, (count) => (proxy.bytes.down += count));
  }

  /** Resets both sides. */
  cut() {
    for (const socket of [this.#client, this.#server]) {
      // A reset waits for the connection that it resets, and one to a dead server may never come. One of a socket that
      // is being ended leaves Node 20 spinning when it exits.
      if (socket.connecting || socket.writableEnded) socket.destroy();
      else if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  /** From now on nothing gets through in either direction, and neither side is told. */
  blackhole() {
    this.#swallows = true;
  }

  /** Sends bytes to the client that the server did not send, after all that it did. */
  inject(bytes) {
    this.#afterCarried(() => this.#client.destroyed || this.#client.write(bytes));
  }

  /**
   * Carries bytes in their order, at the latency and rate that the proxy has when they come. Returns what puts further
   * work into that order.
   */
  #carry(from, to, count) {
    let line = Promise.resolve();
    const inOrder = (work) => (line = line.then(work));
    let queued = 0;
    from.on("data", (chunk) => {
      if (this.#swallows) return;
      const due = performance.now() + this.#shaping.latency;
      queued += chunk.length;
      if (queued > MAX_QUEUED_BYTES) from.pause();
      inOrder(async () => {
        const wait = due - performance.now() + (chunk.length / this.#shaping.rate) * 1000;
        if (wait > 0) await passed(wait);
        if (!this.#swallows && !to.destroyed) {
          count(chunk.length);
          if (!to.write(chunk)) await drained(to);
        }
        queued -= chunk.length;
        if (queued <= MAX_QUEUED_BYTES) from.resume();
      });
    });
    from.on("end", () => inOrder(() => this.#swallows || to.end()));
    // The other side of a connection that is gone would never learn it.
    from.on("close", () => (to.connecting ? to.destroy() : inOrder(() => this.#swallows || to.destroySoon())));
    return inOrder;
  }
}

/** The latency that is being simulated; not a wait for something to happen. */
function passed(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function drained(socket) {
  return new Promise((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", resolve);
  });
}
