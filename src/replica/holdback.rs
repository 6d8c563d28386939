//! Decides what becomes of changes that arrive before what they build on: they wait here, not in yrs, up to a limit.

use super::Refusal;
use super::gate::{Early, Id};
use crate::ids::{ClientId, Clock, LinkId};
use crate::queue::Queue;
use crate::sorted::SortedMap;

/// Changes that are early, each under the first element that it lacks.
#[derive(Debug)]
pub(super) struct HoldBack {
    limit: usize,
    bytes: usize,
    /// The changes are part of the keys, so that what arrives twice is held once.
    waiting: SortedMap<(Id, Vec<u8>), LinkId>,
    /// What was held since somebody asked, if anybody does.
    news: Option<Queue<(Vec<u8>, LinkId)>>,
}

impl HoldBack {
    /// Holds nothing, and never more than `limit` bytes.
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, waiting: SortedMap::new(), news: None }
    }

    /// Whether nothing is held.
    pub(super) const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The held changes, in the order of what they lack.
    pub(super) fn updates(&self) -> impl Iterator<Item = &[u8]> {
        self.waiting.iter().map(|((_, update), _)| update.as_slice())
    }

    /// The held changes, each with the link that it came over.
    pub(super) fn changes(&self) -> impl Iterator<Item = (&[u8], LinkId)> {
        self.waiting.iter().map(|((_, update), from)| (update.as_slice(), *from))
    }

    /// Remembers what is held from here on, for [`Self::poll_news`].
    pub(super) fn keep(&mut self) {
        self.news.get_or_insert_default();
    }

    /// Has a change be told by [`Self::poll_news`] that is not held.
    pub(super) fn note(&mut self, update: &[u8], from: LinkId) {
        if let Some(news) = &mut self.news {
            news.push_back((update.to_vec(), from));
        }
    }

    /// The next of the changes that are held since that was asked.
    pub(super) fn poll_news(&mut self) -> Option<(Vec<u8>, LinkId)> {
        self.news.as_mut()?.pop_front()
    }

    /// How much memory the held changes take.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Holds changes until what they lack is there.
    ///
    /// # Errors
    /// Together they would take more memory than allowed; none of them is held.
    pub(super) fn hold(&mut self, changes: Vec<Early>, from: LinkId) -> Result<(), Refusal> {
        let keys = changes.into_iter().map(|Early { update, lacks }| (lacks, update));
        let new: Vec<_> = keys.filter(|change| !self.waiting.contains_key(change)).collect();
        let bytes = new.iter().map(|(_, update)| cost(update)).fold(self.bytes, usize::saturating_add);
        if bytes > self.limit {
            return Err(Refusal::TooMuchHeld { bytes, limit: self.limit });
        }
        self.bytes = bytes;
        if let Some(news) = &mut self.news {
            news.extend(new.iter().map(|(_, update)| (update.clone(), from)));
        }
        self.waiting.extend(new.into_iter().map(|change| (change, from)));
        Ok(())
    }

    /// How many bytes of memory may be taken.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Gives back the changes of which what they lack never comes.
    pub(super) fn forget(&mut self, never_comes: &dyn Fn(Id) -> bool) -> Vec<(Vec<u8>, LinkId)> {
        let lacking = self.waiting.iter().map(|(change, _)| change).filter(|(lacks, _)| never_comes(*lacks));
        let lacking = lacking.cloned().collect();
        self.take(lacking)
    }

    /// Gives back the changes that lack an element of `client` before the clock `next`.
    pub(super) fn release(&mut self, client: ClientId, next: Clock) -> Vec<(Vec<u8>, LinkId)> {
        let (first, until) = ((Id { client, clock: 0 }, Vec::new()), Id { client, clock: next });
        let changes = self.waiting.from(&first).map(|(change, _)| change);
        let lacking: Vec<_> = changes.take_while(|(lacks, _)| *lacks < until).cloned().collect();
        self.take(lacking)
    }

    fn take(&mut self, lacking: Vec<(Id, Vec<u8>)>) -> Vec<(Vec<u8>, LinkId)> {
        let mut released = Vec::with_capacity(lacking.len());
        for change in lacking {
            let Some(from) = self.waiting.remove(&change) else { continue };
            let (_, update) = change;
            self.bytes = self.bytes.saturating_sub(cost(&update));
            released.push((update, from));
        }
        released
    }
}

/// What it takes to hold a change: its bytes, and its share of the maps.
const fn cost(update: &[u8]) -> usize {
    update.len() + 64
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ClientId = ClientId(1);
    const B: ClientId = ClientId(2);

    fn early(update: u8, client: ClientId, clock: Clock) -> Early {
        Early { update: vec![update; 10], lacks: Id { client, clock } }
    }

    #[test]
    fn changes_are_given_back_when_what_they_lack_is_there() {
        let mut held = HoldBack::new(1000);
        held.hold(vec![early(1, A, 4), early(2, A, 5), early(3, B, 0)], LinkId::SERVER).unwrap();
        assert!(held.release(A, 4).is_empty());
        assert_eq!(held.release(A, 5), [(vec![1; 10], LinkId::SERVER)]);
        assert_eq!(held.release(B, 9), [(vec![3; 10], LinkId::SERVER)]);
        assert_eq!(held.release(A, 9), [(vec![2; 10], LinkId::SERVER)]);
        assert!(held.is_empty());
        assert_eq!(held.bytes(), 0);
    }

    #[test]
    fn what_arrives_twice_is_held_once() {
        let mut held = HoldBack::new(1000);
        held.hold(vec![early(1, A, 4)], LinkId::SERVER).unwrap();
        let bytes = held.bytes();
        held.hold(vec![early(1, A, 4)], LinkId::APPLICATION).unwrap();
        assert_eq!(held.bytes(), bytes);
        assert_eq!(held.release(A, 5).len(), 1);
    }

    #[test]
    fn over_the_limit_nothing_of_an_update_is_held() {
        let mut held = HoldBack::new(200);
        held.hold(vec![early(1, A, 4)], LinkId::SERVER).unwrap();
        let refused = held.hold(vec![early(2, A, 4), early(3, A, 4)], LinkId::SERVER);
        assert_eq!(refused, Err(Refusal::TooMuchHeld { bytes: 222, limit: 200 }));
        assert_eq!(held.release(A, 5).len(), 1);
        assert_eq!(held.bytes(), 0);
    }
}
