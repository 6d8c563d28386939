/** Decides what stands in for the network and the application in the tests of the glue, and counts what a page holds. */

const sockets = [];
let tellNextSocket = () => {};

/** A WebSocket that a test opens, feeds and closes by hand. */
class FakeSocket extends EventTarget {
  binaryType = "blob";
  readyState = 0;
  sent = [];
  closeCode = undefined;

  constructor(url, protocols) {
    super();
    this.url = url;
    this.protocols = protocols;
    sockets.push(this);
    tellNextSocket();
  }

  send(data) {
    if (this.readyState !== 1) throw new Error("the socket is not open");
    this.sent.push(data);
  }

  close(code) {
    this.readyState = 3;
    this.closeCode = code;
  }

  accept() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  receive(data) {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  receiveBytes(bytes) {
    this.receive(new Uint8Array(bytes).buffer);
  }

  lose(code, reason) {
    this.readyState = 3;
    this.dispatchEvent(new CloseEvent("close", { code, reason }));
  }

  takeSent() {
    return this.sent.splice(0);
  }
}

/** A WebSocket that echoes every frame before `send` returns, and reports its close before `close` returns. */
class RashSocket extends FakeSocket {
  send(data) {
    super.send(data);
    this.receiveBytes(data);
  }

  close(code) {
    super.close(code);
    this.dispatchEvent(new CloseEvent("close", { code }));
  }
}

/** A WebSocket that cannot be made. */
class BrokenSocket {
  constructor() {
    throw new SyntaxError("not today");
  }
}

/** A WebSocket that cannot be made, and quotes what it was given, as those of browsers do. */
class QuotingSocket {
  constructor(url, protocols) {
    throw new SyntaxError(`the URL '${url}' or the subprotocols '${protocols}' are invalid`);
  }
}

export const fakeClass = () => FakeSocket;
export const rashClass = () => RashSocket;
export const brokenClass = () => BrokenSocket;
export const quotingClass = () => QuotingSocket;

/** The socket that was made last. */
export const newestSocket = () => sockets.at(-1);

/** Resolves when the next socket is made. */
export const nextSocket = () => new Promise((resolve) => (tellNextSocket = resolve));

/** How many sockets are not closed. */
export const openSockets = () => sockets.filter((socket) => socket.readyState < 2).length;

/** The error class that the package hands over. */
class TestError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
export const errorClass = () => TestError;

/** A listener that has events wait until it is called without one, and notes each when it is delivered. */
export const recorder = (into) => listener((event) => into.push(event));

/** A listener that throws at every event that it delivers. */
export const thrower = () =>
  listener(() => {
    throw new Error("thrown by the listener");
  });

/** Notes what it is called with. */
export const collector = (into) => (value) => into.push(value);

/** A listener that has events wait until it is called without one, and calls `deliver` with each then. */
export function listener(deliver) {
  const waiting = [];
  return (...told) => {
    if (told.length > 0) waiting.push(eventOf(...told));
    else deliver(waiting.shift());
  };
}

/** What the package makes of what is told in parts, as far as these tests look at it; see pkg-template/src/told.ts. */
function eventOf(told, target, origin, at, inserted, deleted) {
  if (told !== "typed") return told;
  const delta = [{ retain: at }, { insert: inserted }, { delete: deleted }].filter((step) => Object.values(step)[0]);
  return { type: "change", target, origin, path: [], delta };
}

/** Tells the page something about its life, as a browser does. */
export const tellPage = (kind) => globalThis.dispatchEvent(new Event(kind));
export const tellDocument = (kind) => document.dispatchEvent(new Event(kind));

/** Resolves in the next task, after all microtasks of this one. */
export const nextTask = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/** Replaces a property of the global object until the returned function is called. */
export function replaceGlobal(name, value) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  return () => Object.defineProperty(globalThis, name, before);
}

/**
 * Counts listeners and timers from here on. The one for errors that a socket keeps is not counted: it is a single
 * function shared by all sockets, and goes with the socket.
 */
export function startCensus() {
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const { setTimeout, clearTimeout } = globalThis;
  const timers = new Set();
  const census = { listeners: 0, timers: () => timers.size, end };
  const counts = (target, kind) => !(target instanceof FakeSocket && kind === "error");

  EventTarget.prototype.addEventListener = function (kind, ...rest) {
    if (counts(this, kind)) census.listeners += 1;
    return addEventListener.call(this, kind, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (kind, ...rest) {
    if (counts(this, kind)) census.listeners -= 1;
    return removeEventListener.call(this, kind, ...rest);
  };
  globalThis.setTimeout = (handler, ...rest) => {
    const id = setTimeout((...given) => {
      timers.delete(id);
      handler(...given);
    }, ...rest);
    timers.add(id);
    return id;
  };
  globalThis.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };

  function end() {
    Object.assign(EventTarget.prototype, { addEventListener, removeEventListener });
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
  return census;
}

const shared = { same: "object" };

/** Values that a document keeps exactly. */
export const keptValues = () => [
  null,
  undefined,
  true,
  false,
  0,
  -0,
  1,
  -1,
  0.1,
  1e300,
  2 ** 31,
  -(2 ** 40),
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  "",
  "text",
  "👩‍💻 \u0000 \uFFFD",
  new Uint8Array([0, 255]),
  [],
  [1, [2, [undefined]]],
  {},
  { a: { b: null } },
  Object.assign(Object.create(null), { bare: 1 }),
  JSON.parse('{"__proto__": {"polluted": true}}'),
  { twice: [shared, shared] },
];

/** Values that a document cannot keep. */
export function refusedValues() {
  const cycle = { inner: [] };
  cycle.inner.push(cycle, cycle);
  let deep = 0;
  for (let level = 0; level < 100; level++) deep = [deep];
  const throwing = Object.defineProperty({}, "x", {
    enumerable: true,
    get() {
      throw new Error("thrown by a getter");
    },
  });
  const values = [NaN, Infinity, 1n, Symbol("s"), () => {}, new Date(), new Map(), new FakeSocket(), /x/];
  return [...values, new ArrayBuffer(1), new Float64Array(1), cycle, deep, throwing, "\uD83D", { "\uDE00": 1 }];
}

/** Whether both are the same value, down to the sign of zero and the names of `__proto__`. */
export function isSame(a, b) {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b) || a instanceof Uint8Array !== b instanceof Uint8Array) return false;
  if (Object.getPrototypeOf(b) === null) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]));
}
