// Decides how it is counted what wasm holds of JavaScript: in a table, whose free places hold null.

/** How many places of the table are taken. */
export function takenOf(table) {
  let count = 0;
  for (let at = 0; at < table.length; at++) if (table.get(at) !== null) count += 1;
  return count;
}
