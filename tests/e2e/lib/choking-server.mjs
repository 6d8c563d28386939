// Decides what a server does that dies of certain bytes: the real one, in front of which every connection ends that brings them.

import { startScriptedServer } from "./scripted-server.mjs";

/** More connections than any test makes. */
const MANY = 1000;

/**
 * As {@link startScriptedServer}, with what `cures` it, and how often it `choked`. What it chokes on it never sees.
 * @param {string} word
 */
export async function startChokingServer(word) {
  let chokesOn = word;
  let choked = 0;
  const serve = (socket, serveWell) => {
    const emit = socket.emit.bind(socket);
    socket.emit = (name, ...args) => {
      if (name !== "message" || !chokesOn || !Buffer.from(args[0]).includes(chokesOn)) return emit(name, ...args);
      choked += 1;
      socket.terminate();
      return true;
    };
    serveWell();
  };
  const server = await startScriptedServer(Array.from({ length: MANY }, () => serve));
  return Object.assign(server, { choked: () => choked, cure: () => (chokesOn = undefined) });
}
