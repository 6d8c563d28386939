// Collects the errors that are reported while something runs.

/** Runs `work` and returns what was given to `reportError` meanwhile. Node has none of its own. */
export function reportedBy(work) {
  const errors = [];
  const before = globalThis.reportError;
  globalThis.reportError = (error) => errors.push(error);
  try {
    work();
  } finally {
    if (before) globalThis.reportError = before;
    else delete globalThis.reportError;
  }
  return errors;
}
