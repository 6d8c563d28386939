// Decides how a test has an instance of the wasm trap: one of its imports throws what a trap throws. To be imported before the
// package, which keeps the class of instances as it finds it.

const RealInstance = WebAssembly.Instance;

/** How many imports were called since, and at which of them to trap. */
let [calls, trapAt] = [0, Infinity];

WebAssembly.Instance = function Instance(module, imports) {
  const watched = Object.entries(imports).map(([name, functions]) => [name, watchedImports(functions)]);
  return new RealInstance(module, Object.fromEntries(watched));
};

function watchedImports(functions) {
  const watched = Object.entries(functions).map(([name, run]) => [
    name,
    function (...args) {
      calls += 1;
      if (calls === trapAt) throw new WebAssembly.RuntimeError("unreachable");
      return run.apply(this, args);
    },
  ]);
  return Object.fromEntries(watched);
}

/** Has the `nth` call of an import from here on trap, and no other. */
export function trapAtImport(nth) {
  [calls, trapAt] = [0, nth];
}

/** How many imports were called since the last {@link trapAtImport}. */
export const importsCalled = () => calls;

/** Whether the trap that was asked for has come. */
export const hasTrapped = () => calls >= trapAt;

/** Runs `work`, in which the wasm traps at once. */
export function trapping(work, nth = 1) {
  trapAtImport(nth);
  try {
    return work();
  } finally {
    trapAtImport(Infinity);
  }
}
