//! Decides when what came is written into the document: with everything else of its input, or where it is large and can
//! wait a part at a time, each in a turn of its own, so that whoever runs the session can do something else between them.
//!
//! Whoever needs the whole document has the rest written first: [`Document::commit`].

use super::routing::Cause;
use super::{Document, problem};
use crate::clock::Instant;
use crate::ids::LinkId;
use crate::replica::Replica;
use crate::session::status::Phase;

/// What was collected and is not committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Collected {
    /// The link that it came over.
    pub(super) link: LinkId,
    pub(super) cause: Cause,
}

impl Document {
    /// Commits everything: pending edits, and whatever was collected. Routes that to every link but the one it came from.
    pub(in crate::session) fn commit(&mut self, now: Instant) {
        self.replica.note_time(now);
        self.replica.complete();
        self.follow_commit(now);
    }

    /// Commits what the application did, and what does not wait.
    pub(in crate::session) fn commit_edits(&mut self, now: Instant) {
        self.replica.note_time(now);
        if self.turn.is_some() && self.collected.is_some_and(|collected| collected.link.is_patient()) {
            self.replica.commit_edits();
        } else {
            self.replica.commit();
        }
        self.follow_commit(now);
    }

    /// Commits what came since the last time, if anything came: all of one link is one change. What is too much for that
    /// waits for its turns.
    pub(in crate::session) fn commit_collected(&mut self, now: Instant) {
        if self.replica.is_behind() {
            self.turn.get_or_insert(now);
        } else if self.collected.is_some() && !self.is_catching_up() {
            self.commit(now);
        }
    }

    /// At the end of a task: leaves what the application brought as bytes, and nothing else, to the next turn, if it can be
    /// known to nobody until then. Says whether it did. Whoever calls `applyUpdate` thousands of times, each in a task of
    /// its own, has one transaction of yrs by that instead of thousands.
    pub(in crate::session) fn put_off(&mut self, now: Instant) -> bool {
        let is_brought = self.collected.is_some_and(|collected| collected.link == LinkId::APPLICATION);
        let can_wait = is_brought && self.replica.has_collected() && self.replica.may_collect_more();
        let is_put_off = can_wait && self.updates.is_none();
        if is_put_off {
            self.turn.get_or_insert(now);
        }
        is_put_off
    }

    /// Notes that something was collected over a link. What had been held back and is let in with it may be unsynced, which
    /// has to be known before anything is said.
    pub(super) fn note_collected(&mut self, link: LinkId, cause: Cause, now: Instant) {
        if self.replica.has_collected() {
            self.collected = Some(Collected { link, cause });
        }
        if self.replica.has_mixed() {
            self.commit(now);
        }
    }

    /// The replica, with what the application brought as bytes: that is there when it looks.
    pub(in crate::session) fn replica_to_read(&mut self) -> &mut Replica {
        if self.collected.is_some_and(|collected| !collected.link.is_patient()) {
            self.replica.commit();
        }
        &mut self.replica
    }

    /// Whether something that came waits to be written, or will.
    pub(in crate::session) fn is_catching_up(&self) -> bool {
        self.replica.is_behind() || self.turn.is_some() && self.replica.has_collected()
    }

    /// Writes a part, if that is due.
    pub(super) fn take_turn(&mut self, now: Instant) {
        if self.turn.is_some_and(|due| due <= now) {
            self.replica.note_time(now);
            self.replica.write_part();
            self.turn = self.replica.has_collected().then_some(now);
            self.follow_commit(now);
        }
    }

    /// Whether the document has still to get what this device keeps of it.
    pub(super) fn is_opening(&self) -> bool {
        let is_read = self.store.as_ref().is_none_or(|store| !store.is_opening());
        let is_loading = self.collected.is_some_and(|collected| collected.cause == Cause::Load);
        !is_read || is_loading && !self.has_reported_opening
    }

    /// What is told of `phase`: nobody hears of being in step before what came can be read. Who is in step stays so, as if
    /// what comes later were still on its way.
    pub(super) fn told(&self, phase: Phase) -> Phase {
        let was_told = self.reported.as_ref().is_some_and(|reported| reported.phase == Phase::Synced);
        if phase == Phase::Synced && self.is_catching_up() && !was_told { Phase::Handshaking } else { phase }
    }

    fn follow_commit(&mut self, now: Instant) {
        let cause = self.collected.map_or(Cause::Here, |collected| collected.cause);
        if !self.replica.has_collected() {
            (self.collected, self.turn) = (None, None);
        }
        self.problems.extend(std::iter::from_fn(|| self.replica.poll_refused()).map(|refusal| problem(&refusal)));
        self.route_committed(cause, now);
    }
}
