// Decides how a measured page is driven: the same steps for every client, timed with clocks that pages can compare.

/** Milliseconds that mean the same in every page of one browser. */
export const clock = () => performance.timeOrigin + performance.now();

/** Counts what the page sends over all its sockets. */
export function countFrames() {
  const sent = { frames: 0, bytes: 0 };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    sent.frames += 1;
    sent.bytes += data.byteLength ?? data.size ?? data.length;
    return send.call(this, data);
  };
  return sent;
}

/**
 * Offers `client` to the measurement. A client is `{ insert(index, string), length(), onRemote(listener) }`, synced when
 * it is offered; `transact(edits)` runs edits the way its users group them.
 */
export function offer(client, sent) {
  const seen = [];
  client.onRemote(() => seen.push(clock()));
  window.bench = {
    sent,
    seen,
    /** Inserts `count` characters, one every `pause` milliseconds; says when each was. */
    async type(count, pause) {
      const typed = [];
      for (let n = 0; n < count; n++) {
        typed.push(clock());
        client.insert(client.length(), "x");
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      return typed;
    },
    /** Makes `count` edits within one task, each a call of its own. */
    burst(count) {
      for (let n = 0; n < count; n++) client.insert(client.length(), "x");
    },
    length: () => client.length(),
  };
}
