// Decides who is in a room: those that $connect let in and nobody found gone.
//
//   room#ROOM      connection#ID  what this connection may do
//   connection#ID  room           where it is: $disconnect does not say

import { change, get, list, putAll, remove } from "./database.mjs";
import { CONNECTION_ROW_S } from "./limits.mjs";

/**
 * @typedef {"read-write" | "read-only"} Access
 * @typedef {{ room: string, id: string, access: Access }} Member
 */

/** Lets a connection into a room. @param {Member} member */
export async function admit({ room, id, access }) {
  const expires = Math.floor(Date.now() / 1000) + CONNECTION_ROW_S;
  await putAll([
    { ...memberKey(room, id), access, expires },
    { ...placeKey(id), room, expires },
  ]);
}

/**
 * The member that a connection is, if it was let into this very room.
 * @returns {Promise<Member | undefined>}
 */
export async function memberOf(room, id) {
  const row = await get(memberKey(room, id));
  return row && { room, id, access: row.access };
}

/** The room of a connection, if it is in one. */
export async function roomOf(id) {
  return (await get(placeKey(id)))?.room;
}

/** The ids of all connections in a room. */
export async function connectionsOf(room) {
  const rows = await list(pk(room), "connection#", { keysOnly: true });
  return rows.map(({ sk }) => sk.slice("connection#".length));
}

/** Whether this is the first time that a member is greeted: true once, whoever asks at the same time. */
export async function isFirstGreeting({ room, id }) {
  const values = { ":yes": 1 };
  // A row that is gone meanwhile must not come back as one without access.
  return (
    (await change(
      memberKey(room, id),
      "SET greeted = :yes",
      values,
      "attribute_exists(pk) AND attribute_not_exists(greeted)",
    )) !== undefined
  );
}

export async function dismiss(room, id) {
  await remove([memberKey(room, id), placeKey(id)]);
}

const pk = (room) => `room#${room}`;
const memberKey = (room, id) => ({ pk: pk(room), sk: `connection#${id}` });
const placeKey = (id) => ({ pk: `connection#${id}`, sk: "room" });
