//! Decides what becomes of messages of the application, to the server or to everybody else, which are not part of the
//! document: whoever is not there at the moment does not get them.

use super::Document;
use crate::clock::Instant;
use crate::ids::LinkId;
use crate::session::Phase;
use crate::session::counters::Count;
use crate::sync::{self, Hearing};
use crate::wire::{Message, Messages};

/// What became of a message of the application.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Posted {
    /// It was handed to the connection, or to the tab that has one.
    Sent,
    /// There is no connection at the moment, or one that is so slow that too much waits: it is gone.
    Lost,
    /// The protocol has no place for such messages.
    Unsupported,
    /// It is too large, or nested too deeply.
    Unfit,
}

impl Document {
    /// Sends a message to the server.
    pub(in crate::session) fn post(&mut self, text: String) -> Posted {
        if self.policy.messages == Messages::None {
            return Posted::Unsupported;
        }
        if !self.is_reachable() {
            return Posted::Lost;
        }
        if self.tabs.role().is_led() {
            self.tabs.post(text);
        } else if self.announcements.has_room_for(&text) {
            self.announcements.push(Message::Stateless(text));
        } else {
            return self.drop_one();
        }
        Posted::Sent
    }

    /// Tells everybody else in the room an event, as JSON.
    pub(in crate::session) fn broadcast(&mut self, event: String, now: Instant) -> Posted {
        if !sync::is_fit(&event) {
            return Posted::Unfit;
        }
        if self.is_reachable() && !self.presence.has_room_for(&event) {
            return self.drop_one();
        }
        let is_told = self.is_reachable() && self.presence.broadcast(event, now);
        if is_told { Posted::Sent } else { Posted::Lost }
    }

    /// So many wait already that one more would come late: better to say so.
    fn drop_one(&mut self) -> Posted {
        self.observed.add(Count::Dropped, 1);
        Posted::Lost
    }

    /// Whether what others tell over a link happens at this moment. Who is not in step yet is told what was before; behind
    /// a relay, clients of Yjs tell newcomers all that they know of anybody.
    pub(super) fn hearing(&self, via: LinkId) -> Hearing {
        let is_in_step = match (via, &self.heard) {
            (LinkId::SERVER, _) => self.is_synced(),
            (LinkId::LEADER, Some((status, _))) => status.phase == Phase::Synced,
            (LinkId::LEADER, None) => false,
            _ => return Hearing::Live,
        };
        match is_in_step {
            _ if self.peers.is_some() => Hearing::Retold,
            true => Hearing::Live,
            false => Hearing::Past,
        }
    }

    /// Whether there is a connection, of this tab or of the one that leads.
    fn is_reachable(&self) -> bool {
        if self.tabs.role().is_led() {
            self.heard.as_ref().is_some_and(|(status, _)| status.phase.is_connected())
        } else {
            self.seat.socket().is_some() && self.is_admitted()
        }
    }

    /// Hands a message of the server to the application, in every tab.
    pub(super) fn take_post(&mut self, text: String) {
        self.tabs.pass_on(&text);
        self.posts.push_back(text);
    }
}
