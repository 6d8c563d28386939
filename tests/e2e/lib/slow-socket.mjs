// Decides what a slow link is in a test without a browser: the socket itself passes on so many bytes a second, or none while it
// is stopped, so that what waits in it is what `bufferedAmount` says. (A proxy would not do: the loopback holds megabytes.)

import net from "node:net";
import { Duplex } from "node:stream";
import { WebSocket } from "ws";

/** A class of `ws` whose sockets carry `rate` bytes a second to the server. Keeps those it made in `sockets`. */
export function slowWebSocket(rate) {
  const link = new Link(rate);
  return class SlowWebSocket extends WebSocket {
    static link = link;
    static sockets = [];

    constructor(address, protocols, options) {
      super(address, protocols, {
        ...options,
        perMessageDeflate: false,
        createConnection: (target) => new SlowStream(net.connect(target), link),
      });
      SlowWebSocket.sockets.push(this);
    }
  };
}

/** What all sockets of a class go over. */
class Link {
  #flowing = Promise.resolve();
  #go = () => {};

  constructor(rate) {
    this.rate = rate;
  }

  /** Resolves while something passes. */
  get flowing() {
    return this.#flowing;
  }

  /** Nothing passes from here on, and everything stays. */
  stop() {
    this.#flowing = new Promise((go) => (this.#go = go));
  }

  /** What waits passes, at its rate. */
  go() {
    this.#go();
  }
}

class SlowStream extends Duplex {
  #inner;
  #link;
  /** When everything that was written has passed. */
  #freeAt = 0;

  constructor(inner, link) {
    super({ allowHalfOpen: true });
    this.#inner = inner;
    this.#link = link;
    inner.setNoDelay(true);
    inner.on("data", (chunk) => this.push(chunk) || inner.pause());
    inner.on("end", () => this.push(null));
    inner.on("error", (error) => this.destroy(error));
    inner.on("close", () => this.destroy());
    inner.on("connect", () => this.emit("connect"));
  }

  // What `ws` asks of a socket.
  setTimeout() {
    return this;
  }

  setNoDelay() {
    return this;
  }

  _read() {
    this.#inner.resume();
  }

  async _write(chunk, encoding, done) {
    await this.#link.flowing;
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now) + (chunk.length / this.#link.rate) * 1000;
    const wait = this.#freeAt - now;
    // A timer takes a millisecond at least, which is more than a small frame does.
    if (wait >= 5) await passed(wait);
    if (!this.#inner.destroyed) this.#inner.write(chunk, encoding);
    done();
  }

  _final(done) {
    this.#inner.end(done);
  }

  _destroy(error, done) {
    this.#link.go();
    this.#inner.destroy();
    done(error);
  }
}

/** The time that bytes take; not a wait for something to happen. */
function passed(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
