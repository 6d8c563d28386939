// Decides how a test releases what it opened: all of it, in the reverse order, whether it passed or failed.

/**
 * Returns `own(resource)`, which hands the resource through and ends it after the test: by `close()`, or as `end` says.
 * @param {import("node:test").TestContext} test
 */
export function cleanup(test) {
  const ends = [];
  test.after(async () => {
    const failures = [];
    // One that can't be ended must not keep the others, and with them this process, alive.
    for (const end of ends.reverse()) await Promise.resolve().then(end).catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  });
  return (resource, end = () => resource.close()) => {
    ends.push(end);
    return resource;
  };
}
