// Decides what a congested link looks like to a page: its sockets take what they are given and send so many bytes a second.
//
// The buffers of two operating systems, which take megabytes on loopback before a page notices anything, have no part in it.

/** What a frame from a browser costs beside what is in it. */
const FRAME_BYTES = 6;

const STEP_MS = 10;

/** Has all sockets that are opened from here on carry `rate` bytes a second; returns what they carried and what waited. */
export function narrowSockets(rate) {
  const seen = { carried: 0, mostWaiting: 0 };
  window.WebSocket = class extends WebSocket {
    #line = [];
    #waiting = 0;
    #allowance = 0;
    #last = 0;
    #timer;

    send(data) {
      const bytes = (data.byteLength ?? data.length) + FRAME_BYTES;
      this.#line.push({ data, bytes });
      this.#waiting += bytes;
      seen.mostWaiting = Math.max(seen.mostWaiting, this.#waiting);
      if (this.#timer) return;
      this.#last = performance.now();
      this.#timer = setInterval(() => this.#carry(), STEP_MS);
    }

    get bufferedAmount() {
      return this.#waiting;
    }

    #carry() {
      const now = performance.now();
      this.#allowance += ((now - this.#last) / 1000) * rate;
      this.#last = now;
      while (this.#line.length > 0 && this.#line[0].bytes <= this.#allowance) this.#sendFirst();
      if (this.#line.length > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#allowance = 0;
    }

    #sendFirst() {
      const { data, bytes } = this.#line.shift();
      this.#allowance -= bytes;
      this.#waiting -= bytes;
      seen.carried += bytes;
      if (this.readyState === WebSocket.OPEN) super.send(data);
    }
  };
  return seen;
}
