//! Decides what is forgotten: the oldest, once as much is remembered as there is room for.

use super::Entry;

/// As many entries as fit, each with its number: the next takes the place of the oldest.
#[derive(Debug)]
pub(super) struct Ring {
    entries: Vec<(u64, Entry)>,
    /// Where the next one goes once all places are taken.
    next: usize,
    capacity: usize,
    /// The number from which on all are here.
    whole_from: u64,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: Vec::with_capacity(capacity), next: 0, capacity, whole_from: 0 }
    }

    pub(super) fn push(&mut self, entry: (u64, Entry)) {
        if self.entries.len() < self.capacity {
            return self.entries.push(entry);
        }
        if let Some(oldest) = self.entries.get_mut(self.next) {
            self.whole_from = oldest.0 + 1;
            *oldest = entry;
        }
        self.next = (self.next + 1) % self.capacity;
    }

    pub(super) fn last_mut(&mut self) -> Option<&mut (u64, Entry)> {
        match self.next.checked_sub(1) {
            Some(last) => self.entries.get_mut(last),
            None => self.entries.last_mut(),
        }
    }

    /// From the oldest to the latest.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(u64, Entry)> {
        let (latest, oldest) = self.entries.split_at(self.next);
        oldest.iter().chain(latest)
    }

    pub(super) const fn whole_from(&self) -> u64 {
        self.whole_from
    }
}
