// Decides what the measured pages have at hand: a clock, the end of a task, what is random, and how long the page was stuck.

import { narrowSockets } from "./narrow-socket.js";
import { random } from "../../tests/e2e/lib/random.mjs";

/** The memories of all wasm that the page loads: no library says how large its own is. */
const memories = [];
const noteMemory = ({ exports }) => memories.push(...Object.values(exports).filter((value) => value instanceof WebAssembly.Memory));
for (const name of ["instantiate", "instantiateStreaming"]) {
  const instantiate = WebAssembly[name];
  WebAssembly[name] = async (...args) => {
    const result = await instantiate.apply(WebAssembly, args);
    noteMemory(result.instance ?? result);
    return result;
  };
}
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, args) {
    const instance = new Instance(...args);
    noteMemory(instance);
    return instance;
  },
});

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()?.();

const WORD = "word ";

export const kit = {
  random,
  narrowSockets,
  WORD,

  /** Milliseconds that mean the same in every page of one browser. */
  clock: () => performance.timeOrigin + performance.now(),

  /** Resolves in a task of its own, after everything that waits for the end of this one; timers would add milliseconds. */
  nextTask: () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(undefined);
    }),

  /** The milliseconds that `work` takes until `isDone`, which is asked in every task that follows. */
  async timed(work, isDone = () => true) {
    const began = performance.now();
    work();
    while (!isDone()) await kit.nextTask();
    return performance.now() - began;
  },

  /** Counts the milliseconds of the longest task that the page is stuck in, until what it returns is called. */
  watchBlocks() {
    let longest = 0;
    let last = performance.now();
    let isWatching = true;
    const beat = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (isWatching) void kit.nextTask().then(beat);
    };
    beat();
    return async () => {
      await kit.nextTask();
      isWatching = false;
      return longest;
    };
  },

  /** Counts what the page sends over all its sockets, and notes when it did last. */
  countFrames() {
    const sent = { frames: 0, bytes: 0, at: 0 };
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      const result = send.call(this, data);
      sent.at = performance.now();
      sent.frames += 1;
      sent.bytes += data.byteLength ?? data.size ?? data.length;
      return result;
    };
    return sent;
  },

  /** Resolves when a text that is edited elsewhere is that long, without keeping the machine busy meanwhile. */
  untilLength: (shared, length) =>
    new Promise((resolve) => {
      const check = (found) => found >= length && resolve();
      shared.onRemote(check);
      check(shared.length());
    }),

  /** What an edit of a recorded session does to a text. */
  perform(text, [index, deleted, inserted]) {
    if (deleted > 0) text.delete(index, deleted);
    if (inserted.length > 0) text.insert(index, inserted);
  },

  /** What many have typed who know nothing of each other: everybody's first word, everybody's second, … */
  async updatesOfMany({ clients, edits, seed }) {
    const { below } = random(seed);
    const byClient = [];
    for (let n = 0; n < clients; n++) {
      const updates = [];
      const author = await window.library.open();
      author.onUpdate((update) => updates.push(update));
      for (let edit = 0; edit < edits; edit++) {
        author.insert(below(author.length() + 1), WORD);
        await undefined;
      }
      await kit.nextTask();
      await author.close();
      byClient.push(updates);
    }
    return Array.from({ length: edits }, (_, n) => byClient.map((own) => own[n])).flat();
  },

  /** A replica of what another one encoded. */
  async load(bytes) {
    const { library } = window;
    if (library.load) return library.load(bytes);
    const replica = await library.open();
    replica.apply(bytes);
    return replica;
  },

  wasmBytes: () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),

  /** What passes through Playwright as a text. */
  toBase64: async (bytes) => {
    const url = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(new Blob([bytes]));
    });
    return url.slice(url.indexOf(",") + 1);
  },

  /** The recorded session. */
  trace: async () => (await fetch("/trace.json")).json(),
};
