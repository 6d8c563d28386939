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
    /// What the disk says is unsynced of what came from there, each with the number of the edit that told the leader the
    /// content. The leader may know better by then, so it is not told this.
    found: Vec<(u64, EditSet)>,
}

impl Ledger {
    pub(super) const fn new(me: TabId) -> Self {
        Self { me, count: 0, unreported: Vec::new(), unstored: Vec::new(), found: Vec::new() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.unreported.is_empty()
    }

    pub(super) fn edits(&self) -> impl Iterator<Item = &EditSet> {
        let found = self.found.iter().map(|(_, edits)| edits);
        self.unreported.iter().map(|(_, _, edits)| edits).chain(found)
    }

    pub(super) fn unstored(&self) -> u64 {
        self.unstored.iter().map(|(_, edits)| edits).sum()
    }

    /// The number of the next edit that this tab shows.
    pub(super) const fn next_number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Notes an edit of this tab.
    pub(super) fn note_own(&mut self, number: u64, ranges: &Ranges) {
        let edits = EditSet::from(ranges);
        self.unstored.push((number, edits.len()));
        self.unreported.push((self.me, number, edits));
    }

    pub(super) fn note_heard(&mut self, tab: TabId, number: u64, ranges: &Ranges) {
        self.unreported.push((tab, number, EditSet::from(ranges)));
    }

    /// Notes edits of earlier that the leader may not know.
    pub(super) fn owe(&mut self, edits: EditSet, unstored: u64) {
        self.unreported.push((self.me, NOT_TOLD, edits));
        self.unstored.push((NOT_TOLD, unstored));
    }

    /// Another tab leads, which counts from nothing: all that is unsynced here is to be told, whoever was told before.
    pub(super) fn start_over(&mut self, unsynced: EditSet) {
        self.unreported = vec![(self.me, NOT_TOLD, unsynced)];
        let found = self.found.iter_mut().map(|(number, _)| number);
        let numbers = self.unstored.iter_mut().map(|(number, _)| number).chain(found);
        numbers.for_each(|number| *number = NOT_TOLD);
    }

    /// Whether there is something that the leader may not know.
    pub(super) fn owes(&self) -> bool {
        let found = self.found.iter().map(|(number, _)| number);
        let numbers = self.unstored.iter().map(|(number, _)| number).chain(found);
        !self.unreported.is_empty() || numbers.into_iter().any(|number| *number == NOT_TOLD)
    }

    /// Notes that the disk was read, of which `unsynced` is what it says of that. The leader may lack some of it.
    pub(super) fn note_found(&mut self, unsynced: EditSet) {
        self.found.push((NOT_TOLD, unsynced));
    }

    /// Makes one edit of all that the leader has not reported; returns its number and what of it is unsynced.
    pub(super) fn gather(&mut self) -> (u64, EditSet) {
        let told = self.next_number();
        let mut gathered = EditSet::default();
        for (_, _, edits) in self.unreported.drain(..) {
            gathered.extend(&edits);
        }
        if !gathered.is_empty() {
            self.unreported.push((self.me, told, gathered.clone()));
        }
        let found = self.found.iter_mut().map(|(number, _)| number);
        let numbers = self.unstored.iter_mut().map(|(number, _)| number).chain(found);
        numbers.filter(|number| **number == NOT_TOLD).for_each(|number| *number = told);
        (told, gathered)
    }

    /// Takes out what the leader has; says whether it has never heard of a tab whose edits are known here.
    pub(super) fn compare(&mut self, report: &Report) -> bool {
        self.unreported.retain(|(tab, number, _)| report.row(*tab).is_none_or(|row| row.applied < *number));
        let (applied, stored) = report.row(self.me).map_or((0, 0), |row| (row.applied, row.stored));
        self.found.retain(|(number, _)| *number > applied);
        self.unstored.retain(|(number, _)| *number > stored);
        self.unreported.iter().any(|(tab, ..)| report.row(*tab).is_none())
    }

    /// Forgets everything: this tab knows by itself now.
    pub(super) fn settle(&mut self) {
        self.unreported.clear();
        self.unstored.clear();
        self.found.clear();
    }
}

/// Above the number of every edit: the leader has not been told of it.
const NOT_TOLD: u64 = u64::MAX;
