//! Decides how a replica meets again what has killed an instance: it is kept out, with all that builds on it, and for a
//! while everything that comes is taken in so that it would be known what kills.

use super::in_hand::Poison;
use super::{Care, Replica};
use crate::ids::{ClientId, Clock};

impl Replica {
    /// Decides how much is given to yrs at once from here on.
    pub fn set_care(&mut self, care: Care) {
        self.care = care;
        self.intake.set_care(care);
    }

    /// How much is given to yrs at once.
    pub const fn care(&self) -> Care {
        self.care
    }

    /// Keeps out what has killed an instance, and what builds on it. To be said before any of it is in the document.
    pub fn quarantine(&mut self, poison: Poison) {
        self.intake.quarantine(poison);
    }

    /// What is kept out because it has killed an instance.
    pub fn poison(&self) -> &[Poison] {
        self.intake.quarantined().poison()
    }

    /// Up to which clock what builds on that goes, of each client, as far as it may be nowhere else.
    pub fn ends_left_out(&self) -> Vec<(ClientId, Clock)> {
        if self.intake.has_left_out() { self.intake.ends_left_out() } else { Vec::new() }
    }
}

impl Care {
    /// How many parts are written in a turn: small ones take less time.
    pub(super) const fn parts(self) -> u32 {
        match self {
            Self::Usual => 1,
            Self::Extreme => 256,
        }
    }
}
