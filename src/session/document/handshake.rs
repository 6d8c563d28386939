//! Decides when what belongs to the handshake is said again: where the server talks, and the handshake does not come to its end.

use super::Document;
use crate::clock::{Duration, Instant};
use crate::sync::Progress;

impl Document {
    /// Whether the handshake should have come to its end: the server has talked for so long that it must have read the greeting.
    /// One of the two questions, or an answer, did not arrive as it was. A large answer on its way looks otherwise: nothing
    /// overtakes it.
    pub(super) fn is_handshake_stuck(&self, now: Instant) -> bool {
        let is_under_way =
            matches!(self.dialogue.progress(), Progress::Greeted | Progress::Answered | Progress::Received);
        let is_late = self.seat.taken_since().is_some_and(|since| since + HANDSHAKE <= now);
        self.peers.is_none() && self.is_admitted() && is_under_way && is_late
    }

    /// Has what belongs to the handshake said again, where the server talks and the handshake does not end.
    pub(super) fn doubt_handshake(&mut self, now: Instant) {
        if self.is_handshake_stuck(now) {
            self.resync.request(now);
        }
    }

    /// Sends what is unsynced to a server that has answered and not asked.
    pub(super) fn answer_unasked(&mut self) {
        if self.peers.is_none() && self.dialogue.handle_unasked() {
            self.send_again(&self.free());
        }
    }
}

/// How long a server may take for the handshake while it says other things.
const HANDSHAKE: Duration = Duration::from_secs(4);
