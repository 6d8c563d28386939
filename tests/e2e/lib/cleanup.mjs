// Decides how a test releases what it opened: in the reverse order, whether it passed or failed.

/**
 * Returns `own(resource)`, which hands the resource through and ends it after the test: by `close()`, or as `end` says.
 * @param {import("node:test").TestContext} test
 */
export function cleanup(test) {
  const ends = [];
  test.after(async () => {
    for (const end of ends.reverse()) await end();
  });
  return (resource, end = () => resource.close()) => {
    ends.push(end);
    return resource;
  };
}
