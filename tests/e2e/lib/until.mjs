// Decides how a test waits: for a condition, checked again whenever something reports news; a deadline only ends a failing test.

const DEADLINE_MS = 60_000;

/**
 * Resolves with the first truthy value of `condition`, which is asked now and after every call of the listener that
 * each of `sources` is given.
 * @template T
 * @param {() => T} condition
 * @param {{ sources: ((listener: () => void) => () => void)[], deadline?: number, state?: () => unknown }} options each
 *   source subscribes a listener and returns what ends the subscription; `state` is what a failure shows
 * @returns {Promise<T>}
 */
export function until(condition, { sources, deadline = DEADLINE_MS, state = () => "" }) {
  return new Promise((resolve, reject) => {
    const stops = [];
    const finish = (settle, value) => {
      clearTimeout(timer);
      for (const stop of stops.splice(0)) stop();
      settle(value);
    };
    const check = () => {
      try {
        const value = condition();
        if (value) finish(resolve, value);
      } catch (error) {
        finish(reject, error);
      }
    };
    const timer = setTimeout(() => {
      const shown = JSON.stringify(state(), undefined, 2);
      finish(reject, new Error(`not within ${deadline / 1000} s: ${condition}\nlast state: ${shown}`));
    }, deadline);
    // A source may report while it is being subscribed; what is asked then must not leave later ones subscribed.
    for (const source of sources) stops.push(source(check));
    check();
  });
}

/** The source made of the events `names` of an emitter with `on` and `off`: Node's, or lib0's Observable. */
export function events(emitter, ...names) {
  return (listener) => {
    for (const name of names) emitter.on(name, listener);
    return () => {
      for (const name of names) emitter.off(name, listener);
    };
  };
}
