// Stands in for the wasm: records what it is asked, answers what the test wants, and sends events on command.

/**
 * @param {Record<string, (...args: unknown[]) => unknown>} [answers] by the name of the export; what is not named
 *   returns undefined
 */
export function fakeRaw(answers = {}) {
  const calls = [];
  const state = {
    listener: undefined,
    types: 0,
    status: { phase: "synced", unsynced: 0, unsent: 0, heldBy: "server", refused: 0, attempt: 0 },
    presence: [],
  };
  const exports = {
    docOpen: (_url, _room, _options, listener) => {
      state.listener = listener;
      return 7;
    },
    docClientId: () => 42,
    docStatus: () => state.status,
    docPresence: () => state.presence,
    typeOpen: () => (state.types += 1),
    ...answers,
  };
  const raw = new Proxy(exports, {
    get: (target, name) =>
      (...args) => {
        calls.push([name, ...args]);
        return target[name]?.(...args);
      },
  });
  return {
    raw,
    /** Everything the handles asked since the last `forget`, in order: `[name, ...arguments]`. */
    calls,
    names: () => calls.map(([name]) => name),
    forget: () => calls.splice(0),
    /** Sends an event, as the wasm does after a drain. */
    send: (event) => state.listener(event),
    setStatus: (status) => {
      state.status = { unsent: 0, heldBy: "server", refused: 0, attempt: 0, ...status };
      state.listener({ type: "status", status: state.status });
    },
    setPresence: (entries) => {
      state.presence = entries;
    },
  };
}

/** A change of the type that was opened as the `target`th. */
export function change(target, fields = {}) {
  return { type: "change", target, origin: "local", path: [], ...fields };
}
