// Decides how a test sees what a page or a process uses without saying so: by functions that are put in the place of the global
// ones before anything else runs. They can be sent to a page, so they use nothing from around them.

/** Has `globalThis.wasm` be what the instance exports that was made last: the package shows nothing of it. */
export function showWasm() {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (...args) {
    const instance = new Instance(...args);
    globalThis.wasm = instance.exports;
    return instance;
  };
}

/** Counts in `window.timers` the timers that are armed. */
export function countTimers() {
  const { setTimeout, clearTimeout } = window;
  const timers = new Set();
  window.setTimeout = (handler, ...rest) => {
    const id = setTimeout(() => {
      timers.delete(id);
      handler();
    }, ...rest);
    timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };
  Object.defineProperty(window, "timers", { get: () => timers.size });
}
