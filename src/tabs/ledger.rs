//! Decides which edits the leader may not know of yet, and which of the own ones may not be on the disk yet.

use super::report::Report;
use crate::ids::TabId;
use crate::replica::Ranges;
use crate::sync::EditSet;

/// The edits of tabs that the leader has not reported, each with its number among the edits of its tab.
#[derive(Debug)]
pub(super) struct Ledger {
    me: TabId,
    /// How many edits this tab has shown to the others.
    count: u64,
    unreported: Vec<(TabId, u64, EditSet)>,
    /// The numbers of own edits, and how many insertions and deletions each has.
    unstored: Vec<(u64, u64)>,
    /// Whether something came from elsewhere than the leader, so that only a comparison shows what the leader lacks.
    is_ahead: bool,
}

impl Ledger {
    pub(super) const fn new(me: TabId) -> Self {
        Self { me, count: 0, unreported: Vec::new(), unstored: Vec::new(), is_ahead: false }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.unreported.is_empty()
    }

    pub(super) fn edits(&self) -> impl Iterator<Item = &EditSet> {
        self.unreported.iter().map(|(_, _, edits)| edits)
    }

    pub(super) fn unstored(&self) -> u64 {
        self.unstored.iter().map(|(_, edits)| edits).sum()
    }

    /// Notes an edit of this tab; returns its number.
    pub(super) fn note_own(&mut self, ranges: &Ranges) -> u64 {
        self.count += 1;
        let edits = EditSet::from(ranges);
        self.unstored.push((self.count, edits.len()));
        self.unreported.push((self.me, self.count, edits));
        self.count
    }

    pub(super) fn note_heard(&mut self, tab: TabId, number: u64, ranges: &Ranges) {
        self.unreported.push((tab, number, EditSet::from(ranges)));
    }

    /// Notes edits of earlier that the leader may not know.
    pub(super) fn owe(&mut self, edits: EditSet, unstored: u64) {
        self.unreported.push((self.me, NOT_TOLD, edits));
        self.unstored.push((NOT_TOLD, unstored));
    }

    /// Whether there is something that the leader may not know.
    pub(super) fn owes(&self) -> bool {
        self.is_ahead || !self.unreported.is_empty() || self.unstored.iter().any(|(number, _)| *number == NOT_TOLD)
    }

    /// Notes that the leader may lack what came from elsewhere.
    pub(super) const fn note_ahead(&mut self) {
        self.is_ahead = true;
    }

    /// Makes one edit of all that the leader has not reported; returns its number and what of it is unsynced.
    pub(super) fn gather(&mut self) -> (u64, EditSet) {
        self.count += 1;
        self.is_ahead = false;
        let mut gathered = EditSet::default();
        for (_, _, edits) in self.unreported.drain(..) {
            gathered.extend(&edits);
        }
        if !gathered.is_empty() {
            self.unreported.push((self.me, self.count, gathered.clone()));
        }
        for (number, _) in self.unstored.iter_mut().filter(|(number, _)| *number == NOT_TOLD) {
            *number = self.count;
        }
        (self.count, gathered)
    }

    /// Takes out what the leader has; says whether it has never heard of a tab whose edits are known here.
    pub(super) fn compare(&mut self, report: &Report) -> bool {
        self.unreported.retain(|(tab, number, _)| report.row(*tab).is_none_or(|row| row.applied < *number));
        let stored = report.row(self.me).map_or(0, |row| row.stored);
        self.unstored.retain(|(number, _)| *number > stored);
        self.unreported.iter().any(|(tab, ..)| report.row(*tab).is_none())
    }

    /// Forgets everything: this tab knows by itself now.
    pub(super) fn settle(&mut self) {
        self.unreported.clear();
        self.unstored.clear();
        self.is_ahead = false;
    }
}

/// Above the number of every edit: the leader has not been told of it.
const NOT_TOLD: u64 = u64::MAX;
