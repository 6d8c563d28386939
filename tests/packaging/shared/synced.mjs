// Decides when an app that only reads may do so.

/** Resolves as soon as `doc` has what the server has. */
export function synced(doc) {
  return new Promise((resolve) => {
    const look = ({ phase }) => phase === "synced" && resolve();
    doc.on("status", look);
    look(doc.status);
  });
}
