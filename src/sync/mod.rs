//! Decides what is said to one other replica so that both end up with the same document: the y-sync dialogue.
//!
//! Knows messages and the replica, but neither sockets nor time beyond its own deadlines. [`crate::session`] calls it
//! and carries what it says.

mod broadcasts;
mod caution;
mod complaints;
mod dialogue;
mod echoes;
mod edit_set;
mod ends;
mod outbox;
mod peers;
mod presence;
pub mod question;
mod resync;
mod roll_call;
mod unsynced;

pub use broadcasts::{Broadcast, Hearing, is_fit};
pub use caution::{Blame, Caution, Next, Part};
pub use complaints::{Complaints, Told};
pub use dialogue::{Confirmation, Dialogue, Progress};
pub use edit_set::EditSet;
pub use outbox::Room;
pub use peers::{Claims, Company, Due, Peers, Speaker};
pub use presence::{Presence, PresenceChange};
pub use question::{Purpose, Question};
pub use resync::Resync;
pub use unsynced::{News, Unsynced};
