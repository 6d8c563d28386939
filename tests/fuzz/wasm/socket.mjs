// Decides how a socket looks to the package whose messages are the inputs.

/** A socket that does what the fuzzer says. */
export class Socket extends EventTarget {
  /** The one that was opened last. */
  static latest;
  readyState = 0;
  bufferedAmount = 0;

  constructor() {
    super();
    Socket.latest = this;
  }

  send() {}

  close() {
    this.readyState = 3;
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  receive(bytes) {
    const data = Uint8Array.from(bytes).buffer;
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}
