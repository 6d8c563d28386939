//! Decides when a long text is looked at that somebody has begun to edit: in the pause behind an edit, because whoever goes on
//! elsewhere in it would have to wait for that.

use super::Document;
use crate::clock::{Duration, Instant};

impl Document {
    /// Plans the look, where one is worth it.
    pub(in crate::session) fn plan_look(&mut self, now: Instant) {
        if self.replica.wants_look_ahead() {
            self.look.get_or_insert(now + PAUSE);
        }
    }

    /// Takes it, if that is due. What is being edited at this moment is looked at behind its commit, which plans anew.
    pub(super) fn take_look(&mut self, now: Instant) {
        if self.look.is_some_and(|due| due <= now) {
            self.look = None;
            self.replica.look_ahead();
        }
    }
}

/// How long after an edit: what has to be done for it is done by then, and whoever types strikes the next key later.
const PAUSE: Duration = Duration::from_millis(20);
