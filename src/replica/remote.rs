//! Decides how a change from outside becomes part of the document: through the intake, then into yrs.

#[cfg(any(test, feature = "faults"))]
use super::faults;
use super::gate::Ready;
use super::in_hand::{self, Stage};
use super::intake::{Intake, Offer, Outcome};
use super::places::Followed;
use super::view::View;
use super::{Committed, IdRanges, Ranges, Refusal, Replica};
use crate::ids::{ClientId, Clock, LinkId};
use std::fmt;
use yrs::updates::decoder::Decode;
use yrs::{ReadTxn, Transact, Update, WriteTxn};

/// What became of an update from outside.
#[derive(Clone, PartialEq, Debug)]
pub struct Applied {
    /// Everything the update names: whoever sent it holds all of that.
    pub evidence: Ranges,
    /// Whether it went in.
    pub outcome: Outcome,
    /// Why parts of it, or of earlier ones that had waited, were dropped.
    pub refused: Vec<Refusal>,
}

/// yrs refused an update that had been checked.
#[derive(Clone, PartialEq, Eq, Debug)]
struct NotApplied(String);

impl Replica {
    /// Takes in an update that came over `from`. What is new is queued for [`Replica::poll_committed`] and
    /// [`Replica::poll_change`]; what is early waits inside until what it builds on has come.
    ///
    /// # Errors
    /// The update is malformed, contradicts the document, or holds what cannot be read. The document is untouched.
    pub fn apply(&mut self, update: &[u8], from: LinkId) -> Result<Applied, Refusal> {
        let mut applied = self.collect(update, from)?;
        self.complete();
        applied.refused.extend(std::iter::from_fn(|| self.poll_refused()));
        Ok(applied)
    }

    /// As [`Replica::apply`], but what is new is written together with what comes next, by [`Replica::commit`], and is
    /// one change then. What is large waits, and is a change for each [part](Replica::write_part).
    ///
    /// # Errors
    /// As [`Replica::apply`].
    pub fn collect(&mut self, update: &[u8], from: LinkId) -> Result<Applied, Refusal> {
        // Edits that are made after this are committed before what is collected here, with the next of our clocks.
        if self.has_pending() {
            self.commit();
        }
        let clock = self.own_clock();
        in_hand::take(Stage::Gate, self.client, from, update);
        let offered = self.intake.offer(update, from);
        in_hand::put_down();
        let Offer { evidence, outcome, refused } = offered?;
        self.keep_held();
        if self.own_clock() != clock {
            self.complete();
        }
        Ok(Applied { evidence, outcome, refused: refused.into_iter().map(|(_, refusal)| refusal).collect() })
    }

    /// Whether something was collected and is not written.
    pub const fn has_collected(&self) -> bool {
        self.intake.is_ahead()
    }

    /// Whether what was collected can grow and be written later, as far as the document is concerned: it is not much, and
    /// nobody may be told of it.
    pub fn may_collect_more(&self) -> bool {
        !self.is_observed() && !self.has_pending() && self.intake.growing() < MUCH
    }

    /// Whether so much was collected that it waits, for [`Replica::write_part`] or [`Replica::complete`].
    pub fn is_behind(&self) -> bool {
        self.intake.is_far_ahead()
    }

    /// Whether what was collected came over several links: what had been held back until now is not what came now.
    pub fn has_mixed(&self) -> bool {
        self.intake.is_mixed()
    }

    /// Writes some of what was collected: as much as takes a few milliseconds.
    pub fn write_part(&mut self) {
        self.commit_edits();
        for _ in 0..self.care.parts() {
            let ready = self.intake.poll_ready();
            ready.into_iter().for_each(|ready| self.write_ready(ready));
        }
        if !self.has_collected() {
            self.commits = self.commits.wrapping_add(1);
        }
        if self.is_apart {
            self.write_collected();
        }
    }

    /// Why something that was collected could not be written, each told once.
    pub fn poll_refused(&mut self) -> Option<Refusal> {
        self.refused.pop_front()
    }

    /// Writes what was collected.
    pub(super) fn write_collected(&mut self) {
        while let Some(ready) = self.intake.poll_ready() {
            self.write_ready(ready);
            self.commits = self.commits.wrapping_add(1);
        }
        if std::mem::take(&mut self.is_apart) {
            self.rebuild_intake();
        }
    }

    /// Whether early changes wait for what they build on. A state vector asks for that.
    pub fn is_waiting(&self) -> bool {
        self.intake.is_waiting()
    }

    /// The early changes, each as an update: no part of the document, and yet not to be lost.
    pub fn held_updates(&self) -> impl Iterator<Item = &[u8]> {
        self.intake.held_updates()
    }

    /// The early changes, each with the link that it came over.
    pub fn held_changes(&self) -> impl Iterator<Item = (&[u8], LinkId)> {
        self.intake.held()
    }

    /// How many bytes of memory the early changes take.
    pub const fn held_bytes(&self) -> usize {
        self.intake.held_bytes()
    }

    /// Every client of which something is in the document, with its next clock, sorted by client.
    pub fn clocks(&self) -> impl Iterator<Item = (ClientId, Clock)> {
        self.intake.clocks()
    }

    /// The clock that the next element of `client` will have.
    pub fn clock(&self, client: ClientId) -> Clock {
        self.intake.clock(client)
    }

    /// The ids of the elements that were deleted, as far as a change named them.
    pub const fn deletions(&self) -> &IdRanges {
        self.intake.deletions()
    }

    fn write_ready(&mut self, ready: Ready) {
        in_hand::take(Stage::Write, self.client, ready.from, &ready.update);
        #[cfg(any(test, feature = "faults"))]
        faults::strike(faults::Site::Write, &ready.update);
        let applied = self.apply_ready(ready);
        in_hand::put_down();
        if let Err(NotApplied(what)) = applied {
            self.refused.push_back(Refusal::NotApplied { what });
            self.is_apart = true;
        }
    }

    fn apply_ready(&mut self, Ready { update, ranges, from }: Ready) -> Result<(), NotApplied> {
        let decoded = Update::decode_v1(&update)?;
        self.look_for_observers();
        let mut txn = self.doc.try_transact_mut_with(from.0.to_be_bytes().as_slice())?;
        let applied = txn.apply_update(decoded);
        // What yrs keeps for later it may apply over gaps, or panic on: it must not keep anything.
        let gap = txn.prune_pending();
        if applied.is_ok() && gap.is_none() {
            let view = &View::of(&txn);
            let yrs = Some(view).filter(|_| self.observed > 0);
            let told =
                self.roots.follow(view, Followed { update: &update, news: &ranges, table: self.intake.table(), yrs });
            self.recorder.expect(told.into_iter().filter(|_| self.observed > 0));
        } else {
            self.roots.refresh(&View::of(&txn), &update);
            self.recorder.expect(None);
        }
        txn.commit();
        self.roots.forget_deleted(&View::of(&txn));
        let has_changes = txn.has_changes();
        drop(txn);
        self.roots.note_walks(&self.recorder.walked());
        let origin = from.origin();
        if has_changes {
            self.keep_committed(origin, &update);
            self.committed.push_back(Committed { origin, update, ranges });
        }
        self.queue_changes(origin);
        applied?;
        gap.map_or(Ok(()), |_| Err(NotApplied("it builds on changes that are missing".to_owned())))
    }

    /// Looks at the texts of which observers are told, where a look is worth it. Nothing is pending in any.
    fn look_for_observers(&mut self) {
        for id in self.roots.texts_to_look_at() {
            // They are open, and no transaction is.
            let _ = self.look_at(id, &|_| true);
        }
    }

    /// Makes the intake agree with yrs again after the two came apart, which takes a defect in either.
    ///
    /// What was held back is dropped; it is asked for again like everything else that is missing. Nothing that was collected
    /// may wait.
    fn rebuild_intake(&mut self) {
        let everything = self.read(|view| view.encode_diff_v1(&yrs::StateVector::default()));
        let mut intake = Intake::new(self.client, self.max_held_bytes, self.portion);
        intake.set_care(self.care);
        self.intake.quarantined().poison().iter().for_each(|poison| intake.quarantine(poison.clone()));
        let known = intake.note_local(&everything);
        let declared = self.roots.names().try_for_each(|(_, name, kind)| intake.declare_root(name, kind));
        if known.is_ok() && declared.is_ok() {
            self.intake = intake;
        }
    }
}

/// How much is collected at most before it is written, in small blocks: what takes some ten milliseconds.
const MUCH: usize = 1 << 13;

impl<E: fmt::Display> From<E> for NotApplied {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
