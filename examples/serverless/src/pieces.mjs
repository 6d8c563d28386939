// Decides when the pieces of a message, each of which comes to a Lambda of its own, are all there.
//
//   message#CONNECTION#ID  piece#PART  the bytes of a piece
//                          seen        the parts that are there, and how many there are to be

import { change, list, put, remove } from "./database.mjs";
import { PIECE_ROW_S } from "./limits.mjs";

/**
 * Keeps a piece. Resolves with the whole message for the one that brought the last; else with nothing, also where the
 * piece contradicts an earlier one.
 * @param {string} connection
 * @param {import("./envelope.mjs").Piece} piece
 */
export async function collect(connection, { id, part, parts, bytes }) {
  const pk = `message#${connection}#${id}`;
  const expires = Math.floor(Date.now() / 1000) + PIECE_ROW_S;
  // Before it counts as seen: whoever sees that all are there can read them all.
  await put({ pk, sk: `piece#${String(part).padStart(5, "0")}`, bytes, expires });
  const seen = await change(
    { pk, sk: "seen" },
    "SET parts = :parts, expires = :expires ADD there :part",
    { ":parts": parts, ":expires": expires, ":part": new Set([part]) },
    "attribute_not_exists(parts) OR parts = :parts",
  );
  if (seen?.there.size !== parts) return undefined;
  const rows = await list(pk, "piece#");
  // Somebody else, by the same piece twice, was faster and has deleted some already.
  if (rows.length !== parts) return undefined;
  await remove([...rows, { pk, sk: "seen" }]);
  return new Uint8Array(Buffer.concat(rows.map((row) => row.bytes)));
}
