// Decides how much is taken from anybody at once, and how much is kept before it is made smaller.

/** API Gateway takes 32 KB a frame; what is larger is cut into pieces. */
export const MAX_FRAME_BYTES = 32_000;
/** Of one message: about 9 MB. One that has more is refused with a reason. */
export const MAX_PARTS = 400;
export const MAX_ROOM_BYTES = 1_024;
export const MAX_ID_LENGTH = 64;

/** DynamoDB takes 400 KB a row, with its names. */
export const ROW_BYTES = 350 * 1024;

/** A log longer or larger than this is merged into the snapshot. */
export const LOG = { entries: 500, bytes: 1024 * 1024 };
/** One compaction takes in no more than this; the next one takes the rest. */
export const COMPACTION = { entries: 1_000, bytes: 4 * 1024 * 1024 };
/** How long a compaction may take before another one is begun: a Lambda behind API Gateway has 29 s. */
export const COMPACTION_MS = 30_000;
/** Rows that nothing refers to are deleted at this age: their writer has long ended. */
export const ORPHAN_MS = 60 * 60_000;

export const PRESENCE = { bytes: 64 * 1024, entries: 64 };
/** Somebody who has not been heard of for so long is not told to newcomers: clients renew every four minutes. */
export const PRESENCE_MS = 10 * 60_000;

/** When DynamoDB may delete a row by itself. A connection ends at two hours. */
export const CONNECTION_ROW_S = 3 * 60 * 60;
export const PIECE_ROW_S = 15 * 60;
