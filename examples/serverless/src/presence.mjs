// Decides what newcomers are told of those who are here, and what is said of somebody who left without a word.
//
//   room#ROOM  presence#CONNECTION#CLIENT  the newest that a connection said of a client
//
// A connection may speak for several clients: a tab that leads does so for the others.

import { change, list, remove } from "./database.mjs";
import { CONNECTION_ROW_S, PRESENCE_MS } from "./limits.mjs";

const LEFT = "null";

/**
 * Remembers what a member said of clients, unless something newer is known.
 * @param {import("./connections.mjs").Member} member
 * @param {import("./awareness.mjs").Entry[]} entries
 */
export async function remember({ room, id }, entries, now = Date.now()) {
  const expires = Math.floor(now / 1000) + CONNECTION_ROW_S;
  await Promise.all(
    entries.map(({ client, clock, state }) =>
      change(
        { pk: pk(room), sk: `presence#${id}#${client}` },
        "SET clock = :clock, entry = :state, heard = :now, expires = :expires",
        { ":clock": clock, ":state": state, ":now": now, ":expires": expires, ":left": LEFT },
        // Somebody leaves without a new clock.
        "attribute_not_exists(clock) OR clock < :clock OR (clock = :clock AND :state = :left)",
      ),
    ),
  );
}

/**
 * Who is here, as said by others than `except`.
 * @returns {Promise<import("./awareness.mjs").Entry[]>}
 */
export async function present(room, { except } = {}, now = Date.now()) {
  const rows = await list(pk(room), "presence#");
  return rows
    .map(fromRow)
    .filter(({ connection, state, heard }) => connection !== except && state !== LEFT && now - heard < PRESENCE_MS);
}

/**
 * Forgets what a connection said, and returns what is to be told to those who stay: that its clients left, but those who
 * are here by another connection.
 * @returns {Promise<import("./awareness.mjs").Entry[]>}
 */
export async function withdraw(room, id) {
  const rows = (await list(pk(room), "presence#")).map((row) => ({ ...fromRow(row), key: row }));
  const own = rows.filter(({ connection }) => connection === id);
  await remove(own.map(({ key }) => key));
  const isElsewhere = ({ client }) =>
    rows.some((other) => other.connection !== id && other.client === client && other.state !== LEFT);
  return own.filter((entry) => entry.state !== LEFT && !isElsewhere(entry)).map((entry) => ({ ...entry, state: LEFT }));
}

function fromRow({ sk, clock, entry, heard }) {
  const [, connection, client] = sk.split("#");
  return { connection, client: Number(client), clock, state: entry, heard };
}

const pk = (room) => `room#${room}`;
