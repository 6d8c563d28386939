//! Decides what is said to one other replica so that both end up with the same document: the y-sync dialogue.
//!
//! Knows messages and the replica, but neither sockets nor time beyond its own deadlines. [`crate::session`] calls it
//! and carries what it says.

mod dialogue;
mod edit_set;
mod outbox;
mod presence;
mod resync;
mod unsynced;

pub use dialogue::{Confirmation, Dialogue, Progress};
pub use edit_set::EditSet;
pub use presence::{Presence, PresenceChange};
pub use resync::Resync;
pub use unsynced::Unsynced;
