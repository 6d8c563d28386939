// Decides which TCP ports are used: one that was asked for, or a free one.

import net from "node:net";

const LOOPBACK = "127.0.0.1";

/** Whether nothing listens on `port`. */
export function isFree(port, host = LOOPBACK) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port that the system chose, free a moment ago: for programs that must be told their port. */
export function freePort(host = LOOPBACK) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, host, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
