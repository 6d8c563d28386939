//! Decides what of a presence state is an event and what is shown.

use super::Presence;
use crate::clock::Instant;
use crate::ids::{ClientId, LinkId};
use crate::sync::broadcasts::{Broadcast, Hearing};
use crate::wire::{AwarenessEntry, Shown, events};

impl Presence {
    /// Tells everybody else an event once, as JSON; says whether there is anybody to be told. Others have to be able to read
    /// it: [`crate::sync::is_fit`].
    pub fn broadcast(&mut self, event: String, now: Instant) -> bool {
        let is_heard = !self.is_silent();
        if is_heard {
            self.broadcasts.push(event, now);
            self.announce_anew();
        }
        is_heard
    }

    /// Whether one more event can wait until the server can be told.
    pub fn has_room_for(&self, event: &str) -> bool {
        self.broadcasts.has_room_for(event)
    }

    /// The next event that somebody else has told.
    pub fn poll_broadcast(&mut self) -> Option<Broadcast> {
        self.broadcasts.poll()
    }

    /// Whether an entry shows somebody who was not known to be here.
    pub fn is_newcomer(&self, entry: &AwarenessEntry) -> bool {
        let shows = match &entry.state {
            Shown::State(state) => events::split(state).is_none_or(|parts| parts.shown.is_some()),
            Shown::Unreadable => true,
            Shown::Gone => false,
        };
        shows && !self.knows(entry.client)
    }

    /// What a client shows of itself. What it tells beside that is heard.
    pub(super) fn take_apart(
        &mut self,
        client: ClientId,
        state: String,
        via: LinkId,
        hearing: Hearing,
        now: Instant,
    ) -> Option<String> {
        let Some(parts) = events::split(&state) else {
            // The tab that leads leaves events out where it tells who is here.
            if via != LinkId::LEADER {
                self.broadcasts.hear_nothing(client);
            }
            return Some(state);
        };
        self.broadcasts.hear(client, &parts.events, hearing, now);
        parts.shown
    }
}
