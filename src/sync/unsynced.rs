//! Decides which edits the other side has not been shown to hold.
//!
//! Not a counter of messages but the set itself, so that it cannot drift: evidence is subtracted, whatever brought it.

use super::EditSet;
use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Ranges};

/// The elements and deletions that the other side has not been shown to hold.
#[derive(Debug, Default)]
pub struct Unsynced {
    set: EditSet,
    revision: u64,
    /// What became of the set beside the changes that were noted, if anybody asks.
    news: Option<News>,
}

/// What leads from an earlier set to a later one: added first, then proven. None is in both.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct News {
    /// What is unproven since, and is no change that was [noted](Unsynced::note_change).
    pub added: EditSet,
    /// What was proven.
    pub proven: EditSet,
}

impl Unsynced {
    /// How many elements and deletions are unproven. Zero means that the other side holds everything.
    pub fn count(&self) -> u64 {
        self.set.len()
    }

    /// The elements and deletions that are unproven.
    pub const fn set(&self) -> &EditSet {
        &self.set
    }

    /// A number that differs whenever the set may differ.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Remembers from here on what [`Self::poll_news`] tells.
    pub fn keep(&mut self) {
        self.news.get_or_insert_default();
    }

    /// Whether [`Self::poll_news`] has something to tell.
    pub fn has_news(&self) -> bool {
        self.news.as_ref().is_some_and(|news| !news.added.is_empty() || !news.proven.is_empty())
    }

    /// What became of the set since this was asked, beside the changes that were noted.
    pub fn poll_news(&mut self) -> Option<News> {
        let has_news = self.has_news();
        self.news.as_mut().filter(|_| has_news).map(std::mem::take)
    }

    /// Adds a change that did not come from the other side.
    pub fn note_change(&mut self, ranges: &Ranges) {
        self.revision += 1;
        if let Some(news) = self.news.as_mut().filter(|news| !news.proven.is_empty()) {
            // What was proven before is not what is added here.
            news.added.insert(ranges);
            news.proven.remove(ranges);
        }
        self.set.insert(ranges);
    }

    /// Adds what was unproven when it was written down, or for another tab.
    pub fn extend(&mut self, unproven: &EditSet) {
        if !unproven.is_empty() {
            self.revision += 1;
            self.set.extend(unproven);
            self.note_added(unproven);
        }
    }

    /// Takes over what the tab that leads knows, in place of what was known here.
    pub fn replace(&mut self, unproven: EditSet) {
        if self.set != unproven {
            self.revision += 1;
            let before = self.remember();
            self.set = unproven;
            self.follow(before);
        }
    }

    /// Subtracts edits of which the other side has said what became of them: it holds them, or it never will.
    pub fn settle(&mut self, edits: &EditSet) {
        self.revision += 1;
        let before = self.remember();
        self.set.subtract(edits);
        self.follow(before);
    }

    /// Replaces what is known of the other side's elements by its state vector: it may have lost some since.
    ///
    /// `held_here` is the state vector of the local replica.
    pub fn note_state_vector(
        &mut self,
        theirs: &[(ClientId, Clock)],
        held_here: impl Iterator<Item = (ClientId, Clock)>,
    ) {
        self.revision += 1;
        let mut lacking = IdRanges::default();
        for (client, here) in held_here {
            let there = theirs.iter().find(|(id, _)| *id == client).map_or(0, |(_, clock)| *clock);
            if there < here {
                lacking.insert(client, there..here);
            }
        }
        let before = self.remember();
        self.set.elements = lacking;
        self.follow(before);
    }

    /// Subtracts what one of several peers has shown to hold by its state vector. What it lacks others may hold, so
    /// nothing becomes unsynced by it.
    pub fn note_held(&mut self, theirs: &[(ClientId, Clock)]) {
        if self.set.is_empty() {
            return;
        }
        self.revision += 1;
        let before = self.remember();
        theirs.iter().for_each(|(client, clock)| self.set.elements.remove(*client, 0..*clock));
        self.follow(before);
    }

    /// Subtracts what an update from the other side names: it holds all of that.
    ///
    /// Not what lies before it: a server that keeps updates as they come, such as one of functions that each write down
    /// what they were handed, holds a later one without those before it when one of them was lost on the way. And a peer
    /// passes on what it holds back.
    pub fn note_evidence(&mut self, ranges: &Ranges) {
        if self.set.is_empty() {
            return;
        }
        self.revision += 1;
        if let Some(news) = &mut self.news {
            let proven = self.set.common(ranges);
            news.added.remove(&proven);
            news.proven.insert(&proven);
        }
        self.set.remove(ranges);
    }

    /// The set before it changes, where it matters how it does.
    fn remember(&self) -> Option<EditSet> {
        self.news.is_some().then(|| self.set.clone())
    }

    /// Remembers how the set has changed.
    fn follow(&mut self, before: Option<EditSet>) {
        let Some((before, news)) = before.zip(self.news.as_mut()) else { return };
        let proven = before.without(&self.set);
        news.added.subtract(&proven);
        news.proven.extend(&proven);
        let added = self.set.without(&before);
        self.note_added(&added);
    }

    fn note_added(&mut self, added: &EditSet) {
        if let Some(news) = &mut self.news {
            news.added.extend(added);
            news.proven.subtract(added);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

    const ME: ClientId = ClientId(1);

    fn ranges(structs: Range<Clock>, deletes: Range<Clock>) -> Ranges {
        let one = |clocks: Range<Clock>| if clocks.is_empty() { vec![] } else { vec![(ME, clocks)] };
        Ranges { structs: one(structs), deletes: one(deletes) }
    }

    #[test]
    fn an_echo_proves_the_edit_and_nothing_before_it() {
        let mut unsynced = Unsynced::default();
        unsynced.note_change(&ranges(0..3, 0..0));
        unsynced.note_change(&ranges(3..5, 1..2));
        assert_eq!(unsynced.count(), 6);
        unsynced.note_evidence(&ranges(3..5, 0..0));
        assert_eq!(unsynced.count(), 3 + 1, "what came before it may be lost, and the deletion is still unproven");
        unsynced.note_evidence(&ranges(0..3, 0..2));
        assert_eq!(unsynced.count(), 0);
    }

    #[test]
    fn a_server_that_lost_edits_makes_them_unsynced_again() {
        let mut unsynced = Unsynced::default();
        unsynced.note_change(&ranges(0..5, 0..0));
        unsynced.note_evidence(&ranges(0..5, 0..0));
        unsynced.note_state_vector(&[(ME, 2)], [(ME, 5), (ClientId(9), 4)].into_iter());
        assert_eq!(unsynced.count(), 3 + 4, "also what others made and the server no longer has");
    }

    #[test]
    fn a_deletion_stays_unproven_when_the_state_vector_is_complete() {
        let mut unsynced = Unsynced::default();
        unsynced.note_change(&ranges(0..0, 0..1));
        unsynced.note_state_vector(&[(ME, 5)], [(ME, 5)].into_iter());
        assert_eq!(unsynced.count(), 1);
    }
}
