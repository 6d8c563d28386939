//! Decides what becomes of changes that are kept out of the document: of what the server has nothing is remembered but
//! that; what may be nowhere else is kept beside the document.

use super::super::gate::{Admission, Early, Id, Parsed, Quarantine, parse};
use super::super::in_hand::Poison;
use super::Intake;
use crate::ids::{ClientId, Clock, LinkId};
use crate::sorted::SortedMap;

/// Changes that are no part of the document and will not be.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    changes: SortedMap<Vec<u8>, LinkId>,
    bytes: usize,
}

impl LeftOut {
    /// Whether a change is to be kept: it may be nowhere else, and there is room.
    fn takes(&self, update: &Vec<u8>, from: LinkId, limit: usize) -> bool {
        let bytes = self.bytes.saturating_add(update.len());
        is_only_here(from) && bytes <= limit && !self.changes.contains_key(update)
    }
}

impl Intake {
    /// Keeps out what has killed an instance. It must not be in the document.
    pub fn quarantine(&mut self, poison: Poison) {
        self.quarantine.add(poison);
        self.leave_out_held();
    }

    /// What is kept out.
    pub(in crate::replica) const fn quarantined(&self) -> &Quarantine {
        &self.quarantine
    }

    /// The changes that are kept out with it and may be nowhere else, each with the link that it came over.
    pub fn left_out(&self) -> impl Iterator<Item = (&[u8], LinkId)> {
        self.left_out.changes.iter().map(|(update, from)| (update.as_slice(), *from))
    }

    /// Whether there are such.
    pub const fn has_left_out(&self) -> bool {
        !self.left_out.changes.is_empty()
    }

    /// Up to which clock they go, of each client.
    pub fn ends_left_out(&self) -> Vec<(ClientId, Clock)> {
        let parsed = self.left_out().filter_map(|(update, _)| parse(update).ok());
        parsed.flat_map(|parsed| parsed.ranges().structs).map(|(client, range)| (client, range.end)).collect()
    }

    /// Of what could not go in, that which only waits. The rest is left out.
    pub(super) fn without_quarantined(
        &mut self,
        parsed: &Parsed<'_>,
        admission: &Admission,
        from: LinkId,
    ) -> Vec<Early> {
        let early = admission.early(&self.table, parsed);
        if self.quarantine.is_empty() {
            return early;
        }
        self.seal_dependents(parsed, admission);
        let mut waiting = Vec::new();
        for early in early {
            if self.quarantine.holds(early.lacks) {
                self.leave_out(early.update, from);
            } else {
                waiting.push(early);
            }
        }
        waiting
    }

    /// Keeps out what builds on what is kept out.
    fn seal_dependents(&mut self, parsed: &Parsed<'_>, admission: &Admission) {
        let mut is_more = true;
        while is_more {
            let stopped = admission.stopped(&self.table, parsed);
            let sealed = stopped.into_iter().filter(|(lacks, _)| self.quarantine.holds(*lacks)).collect::<Vec<_>>();
            is_more = sealed.into_iter().map(|(_, block)| self.quarantine.seal(block)).filter(|more| *more).count() > 0;
            if is_more {
                self.leave_out_held();
            }
        }
    }

    /// Leaves out what had been held back for want of what is kept out.
    fn leave_out_held(&mut self) {
        let mut is_more = true;
        while is_more {
            is_more = false;
            let quarantine = &self.quarantine;
            for (update, from) in self.held.forget(&|lacks| quarantine.holds(lacks)) {
                let first = parse(&update).ok().and_then(|parsed| parsed.first());
                is_more |= first.is_some_and(|first: Id| self.quarantine.seal(first));
                self.leave_out(update, from);
            }
        }
    }

    fn leave_out(&mut self, update: Vec<u8>, from: LinkId) {
        if self.left_out.takes(&update, from, self.held.limit()) {
            self.left_out.bytes += update.len();
            self.held.note(&update, from);
            self.left_out.changes.insert(update, from);
        }
    }
}

/// Whether what came over a link may be nowhere else: the server, the disk and the other tabs have what they sent.
fn is_only_here(link: LinkId) -> bool {
    [LinkId::APPLICATION, LinkId::JOURNAL].contains(&link)
}
