// Decides what every server holds at its start: who shows it was let in and synced.

export const ROOM = "torture";
export const SEED = "seed. ";
