//! Decides what of a document is noted for whoever wants to know how it went.

use super::Document;
use crate::clock::Instant;
use crate::connection::Reason;
use crate::ids::{Clock, DocId, LinkId};
use crate::replica::{Applied, Outcome, Refusal};
use crate::session::counters::Count;
use crate::session::status::Status;
use crate::session::trace::{Fact, Trace};
use crate::wire::Message;

impl Document {
    /// Whether another tab is to have the connection, and was not heard yet.
    pub(in crate::session) fn waits_for_leader(&self) -> bool {
        self.tabs.role().is_led() && self.heard.is_none()
    }

    /// Notes what became of an update.
    pub(super) fn note_applied(&mut self, applied: &Result<Applied, Refusal>, link: LinkId) {
        match applied {
            Ok(applied) => {
                let is_news = link == LinkId::SERVER && applied.outcome != Outcome::Known;
                self.observed.add(Count::UpdatesIn, is_news.into());
                self.observed.add(Count::Refused, applied.refused.len());
            }
            Err(_) => self.observed.add(Count::Refused, 1),
        }
    }

    /// Whether what is missing was asked for in vain so often that it is not any more.
    pub(in crate::session) fn has_given_up_asking(&self) -> bool {
        self.resync.is_over()
    }

    /// Notes a message that goes out.
    pub(in crate::session) fn note_sent(&mut self, message: &Message, now: Instant) {
        let is_synced = self.is_synced();
        self.observed.note_sent(message, is_synced, self.replica.own_clock(), now);
    }

    /// Notes a message that came, before it is taken in.
    pub(super) fn note_received(&mut self, message: &Message) {
        self.observed.add(Count::PresenceIn, matches!(message, Message::Awareness(_)).into());
    }

    /// What the message did that was taken in last.
    pub(in crate::session) fn poll_fact(&mut self, taken: &Result<(), Reason>) -> u32 {
        let is_bad = matches!(taken, Err(Reason::BadFrame(_)));
        let fact = self.observed.poll_fact() | if is_bad { Fact::REFUSED } else { 0 };
        fact | if self.unsynced.count() == 0 { Fact::PROVEN } else { 0 }
    }

    /// Looks at how it stands after an input.
    pub(in crate::session) fn look(&mut self, doc: DocId, status: &Status, trace: &mut Trace, now: Instant) {
        let proven_until = self.unsynced.set().elements.first(self.replica.client()).unwrap_or(Clock::MAX);
        self.observed.look(doc, status, proven_until, trace, now);
    }
}
