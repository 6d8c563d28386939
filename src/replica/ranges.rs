//! Decides how sets of ids are kept: for each client, sorted ranges of clocks that neither overlap nor touch.

use crate::ids::{ClientId, Clock};
use crate::sorted::SortedMap;
use std::ops::Range;

/// Everything an update names: what it inserts and what it deletes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ranges {
    /// The ids of the elements that are inserted.
    pub structs: Vec<(ClientId, Range<Clock>)>,
    /// The ids of the elements that are deleted.
    pub deletes: Vec<(ClientId, Range<Clock>)>,
}

impl Ranges {
    /// Whether nothing is inserted and nothing is deleted.
    pub fn is_empty(&self) -> bool {
        self.structs.is_empty() && self.deletes.is_empty()
    }
}

/// A set of ids.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IdRanges {
    /// The end of each range by its start.
    spans: SortedMap<(ClientId, Clock), Clock>,
    /// How many ids there are in all ranges.
    len: u64,
}

impl IdRanges {
    /// No ids.
    pub const fn new() -> Self {
        Self { spans: SortedMap::new(), len: 0 }
    }

    /// Adds the ids of a range; those that are in the set already stay.
    pub fn insert(&mut self, client: ClientId, range: Range<Clock>) {
        if range.is_empty() {
            return;
        }
        let Range { mut start, mut end } = range;
        // Most sets come in order, and then there is nothing to be joined.
        let is_behind_all = self.spans.last().is_none_or(|((of, _), end)| (*of, *end) < (client, start));
        if is_behind_all {
            self.len += u64::from(end - start);
            self.spans.push((client, start), end);
            return;
        }
        if let Some(left) = self.last_by(client, start).filter(|left| left.end >= start) {
            start = left.start;
        }
        while let Some(old) = self.first_from(client, start).filter(|old| old.start <= end) {
            self.spans.remove(&(client, old.start));
            self.len -= u64::from(old.end - old.start);
            end = end.max(old.end);
        }
        self.spans.insert((client, start), end);
        self.len += u64::from(end - start);
    }

    /// Removes the ids of a range, as far as they are in the set.
    pub fn remove(&mut self, client: ClientId, range: Range<Clock>) {
        if range.is_empty() {
            return;
        }
        let Range { start, end } = range;
        let mut from = self.last_by(client, start).map_or(start, |left| left.start);
        while let Some(old) = self.first_from(client, from).filter(|old| old.start < end) {
            from = old.end;
            if old.end <= start {
                continue;
            }
            self.spans.remove(&(client, old.start));
            self.len -= u64::from(old.end.min(end) - old.start.max(start));
            if old.start < start {
                self.spans.insert((client, old.start), start);
            }
            if old.end > end {
                self.spans.insert((client, end), old.end);
            }
        }
    }

    /// Removes every id that is in `other`.
    pub fn subtract(&mut self, other: &Self) {
        for (client, range) in other.iter() {
            self.remove(client, range);
        }
    }

    /// Whether an id is in the set.
    pub fn contains(&self, client: ClientId, clock: Clock) -> bool {
        self.covers(client, &(clock..clock.saturating_add(1)))
    }

    /// Whether every id of a range is in the set.
    pub fn covers(&self, client: ClientId, range: &Range<Clock>) -> bool {
        range.is_empty() || self.last_by(client, range.start).is_some_and(|held| held.end >= range.end)
    }

    /// The first clock of a client that is in the set.
    pub fn first(&self, client: ClientId) -> Option<Clock> {
        self.first_from(client, 0).map(|range| range.start)
    }

    /// The parts of a range that are not in the set.
    pub fn gaps(&self, client: ClientId, range: &Range<Clock>) -> Vec<Range<Clock>> {
        let mut gaps = Vec::new();
        let mut from = self.last_by(client, range.start).map_or(range.start, |left| left.end.max(range.start));
        while from < range.end {
            let next = self.first_from(client, from);
            let until = next.as_ref().map_or(range.end, |next| next.start.min(range.end));
            if from < until {
                gaps.push(from..until);
            }
            from = next.map_or(range.end, |next| next.end);
        }
        gaps
    }

    /// Adds the parts of a range that are not in `known`.
    pub fn insert_missing(&mut self, client: ClientId, range: Range<Clock>, known: &Self) {
        if known.is_empty() {
            self.insert(client, range);
        } else {
            known.gaps(client, &range).into_iter().for_each(|gap| self.insert(client, gap));
        }
    }

    /// The parts of a range that are in the set.
    pub fn common(&self, client: ClientId, range: &Range<Clock>) -> Vec<Range<Clock>> {
        if self.is_empty() {
            return Vec::new();
        }
        let from = self.last_by(client, range.start).map_or(range.start, |left| left.start);
        let key = (client, from);
        let touched = self.spans.from(&key).take_while(|((of, start), _)| *of == client && *start < range.end);
        let common = touched.map(|((_, start), end)| range.start.max(*start)..range.end.min(*end));
        common.filter(|common| !common.is_empty()).collect()
    }

    /// Whether no id is in the set.
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How many ids are in the set.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// How many clients have ids in the set.
    pub fn client_count(&self) -> usize {
        let mut last = None;
        self.iter().filter(|(client, _)| last.replace(*client) != Some(*client)).count()
    }

    /// The ranges, sorted by client and clock.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, Range<Clock>)> {
        self.spans.iter().map(|((client, start), end)| (*client, *start..*end))
    }

    /// The last range that starts at `clock` or before.
    fn last_by(&self, client: ClientId, clock: Clock) -> Option<Range<Clock>> {
        let ((of, start), end) = self.spans.last_below(&(client, clock.saturating_add(1)))?;
        (*of == client).then_some(*start..*end)
    }

    /// The first range that starts at `clock` or later.
    fn first_from(&self, client: ClientId, clock: Clock) -> Option<Range<Clock>> {
        let ((of, start), end) = self.spans.from(&(client, clock)).next()?;
        (*of == client).then_some(*start..*end)
    }
}

impl Extend<(ClientId, Range<Clock>)> for IdRanges {
    fn extend<T: IntoIterator<Item = (ClientId, Range<Clock>)>>(&mut self, ranges: T) {
        for (client, range) in ranges {
            self.insert(client, range);
        }
    }
}

impl FromIterator<(ClientId, Range<Clock>)> for IdRanges {
    fn from_iter<T: IntoIterator<Item = (ClientId, Range<Clock>)>>(ranges: T) -> Self {
        let mut set = Self::default();
        set.extend(ranges);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const A: ClientId = ClientId(1);
    const B: ClientId = ClientId(1 << 52);

    #[test]
    fn ranges_that_touch_are_one() {
        let set: IdRanges = [(A, 4..6), (A, 0..2), (B, 1..2), (A, 2..4)].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [(A, 0..6), (B, 1..2)]);
        assert_eq!((set.len(), set.client_count()), (7, 2));
    }

    #[test]
    fn empty_ranges_change_nothing() {
        let mut set: IdRanges = [(A, 4..6)].into_iter().collect();
        set.insert(B, 3..3);
        set.remove(A, 5..5);
        assert_eq!(set.iter().collect::<Vec<_>>(), [(A, 4..6)]);
    }

    #[test]
    fn a_set_minus_itself_is_empty() {
        let set: IdRanges = [(A, 4..6), (A, 8..9), (B, 0..u32::MAX)].into_iter().collect();
        let mut rest = set.clone();
        rest.subtract(&set);
        assert!(rest.is_empty());
        assert_eq!(rest, IdRanges::default());
    }

    fn steps() -> impl Strategy<Value = Vec<(bool, u8, u8)>> {
        proptest::collection::vec((any::<bool>(), 0..40_u8, 0..12_u8), 0..60)
    }

    proptest! {
        #[test]
        fn a_set_of_ranges_is_a_set_of_ids(steps in steps()) {
            let (mut ranges, mut ids) = (IdRanges::default(), BTreeSet::new());
            for (insert, start, len) in steps {
                let range = u32::from(start)..u32::from(start + len);
                if insert {
                    ranges.insert(A, range.clone());
                    ids.extend(range);
                } else {
                    ranges.remove(A, range.clone());
                    ids.retain(|id| !range.contains(id));
                }
            }
            prop_assert_eq!(ranges.len(), ids.len() as u64);
            prop_assert_eq!(ranges.is_empty(), ids.is_empty());
            prop_assert_eq!(ranges.iter().flat_map(|(_, range)| range).collect::<Vec<_>>(), ids.iter().copied().collect::<Vec<_>>());
            let gaps: Vec<_> = ranges.gaps(A, &(5..45)).into_iter().flatten().collect();
            prop_assert_eq!(gaps, (5..45).filter(|id| !ids.contains(id)).collect::<Vec<_>>());
            let common: Vec<_> = ranges.common(A, &(5..45)).into_iter().flatten().collect();
            prop_assert_eq!(common, (5..45).filter(|id| ids.contains(id)).collect::<Vec<_>>());
            for id in 0..60 {
                prop_assert_eq!(ranges.contains(A, id), ids.contains(&id));
                prop_assert_eq!(ranges.covers(A, &(id..id + 3)), (id..id + 3).all(|id| ids.contains(&id)));
            }
            let spans: Vec<_> = ranges.iter().collect();
            prop_assert!(spans.windows(2).all(|pair| pair[0].1.end < pair[1].1.start));
        }
    }
}
