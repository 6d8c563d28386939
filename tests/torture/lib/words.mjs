// Decides what is edited, and how much is much.

export { ROOM, SEED } from "../peers/servers/seed.mjs";

/** What the client edits. */
export const OURS = "ours. ";
/** What somebody else edits. */
export const OTHERS = "others. ";

export const HUGE_BYTES = 200_000_000;
