// Decides how a test plays the server: a WebSocket class of which it holds the latest, and says what comes.

import * as encoding from "lib0/encoding";

/** A socket that does what the test says. */
export class Socket extends EventTarget {
  static latest;
  readyState = 0;
  bufferedAmount = 0;
  sent = [];

  constructor() {
    super();
    Socket.latest = this;
  }

  send(data) {
    this.sent.push(data);
  }

  close() {
    this.readyState = 3;
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /** A message of the document, of one of the types that sync has. */
  receive(type, bytes) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint(encoder, type);
    encoding.writeVarUint8Array(encoder, bytes);
    this.receiveFrame(encoding.toUint8Array(encoder));
  }

  receiveFrame(bytes) {
    const data = Uint8Array.from(bytes).buffer;
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  lose() {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code: 1006, reason: "" }));
  }
}
