//! Decides for how long a document is careful with what comes: until it was in step with the server for a while. What killed
//! the session before this one has come again by then, or does not.

use super::Document;
use crate::clock::{Duration, Instant};
use crate::replica::Care;

/// How careful a document is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Carefulness {
    /// As usual.
    #[default]
    None,
    /// Very, until it is in step.
    UntilSynced,
    /// Very, until this time.
    Until(Instant),
}

impl Carefulness {
    /// Begins to be as careful as that.
    pub(super) const fn take(&mut self, care: Care) {
        *self = match care {
            Care::Usual => Self::None,
            Care::Extreme => Self::UntilSynced,
        };
    }

    /// When it may end.
    pub(super) const fn timeout(self) -> Option<Instant> {
        match self {
            Self::Until(time) => Some(time),
            Self::None | Self::UntilSynced => None,
        }
    }
}

impl Document {
    /// Looks whether it is time to do as usual again.
    pub(super) fn watch_care(&mut self, now: Instant) {
        match self.care {
            Carefulness::UntilSynced if self.is_synced() && !self.is_catching_up() => {
                self.care = Carefulness::Until(now + WHILE);
            }
            Carefulness::Until(time) if time <= now => {
                self.care = Carefulness::None;
                self.replica.set_care(Care::Usual);
            }
            Carefulness::None | Carefulness::UntilSynced | Carefulness::Until(_) => {}
        }
    }
}

/// For how long a document is careful that is in step: others have come back by then, and sent what they have.
const WHILE: Duration = Duration::from_secs(60);
