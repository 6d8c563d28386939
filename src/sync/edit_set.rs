//! Decides how a set of edits is kept and written down: which elements were inserted, and which were deleted.

use crate::ids::{ClientId, Clock};
use crate::replica::{IdRanges, Ranges};
use crate::wire::{DecodeError, Reader, Writer};
use std::ops::Range;

/// Inserted elements and deletions, by the ids of the elements.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EditSet {
    /// The elements that were inserted.
    pub elements: IdRanges,
    /// The elements that were deleted.
    pub deletions: IdRanges,
}

impl EditSet {
    /// No edits.
    pub const fn new() -> Self {
        Self { elements: IdRanges::new(), deletions: IdRanges::new() }
    }

    /// How many insertions and deletions there are.
    pub fn len(&self) -> u64 {
        self.elements.len() + self.deletions.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.elements.is_empty() && self.deletions.is_empty()
    }

    /// Adds what an update names.
    pub fn insert(&mut self, ranges: &Ranges) {
        self.elements.extend(ranges.structs.iter().cloned());
        self.deletions.extend(ranges.deletes.iter().cloned());
    }

    /// Removes what an update names.
    pub fn remove(&mut self, ranges: &Ranges) {
        ranges.structs.iter().for_each(|(client, clocks)| self.elements.remove(*client, clocks.clone()));
        ranges.deletes.iter().for_each(|(client, clocks)| self.deletions.remove(*client, clocks.clone()));
    }

    /// Adds everything that is in `other`.
    pub fn extend(&mut self, other: &Self) {
        self.elements.extend(other.elements.iter());
        self.deletions.extend(other.deletions.iter());
    }

    /// Removes everything that is in `other`.
    pub fn subtract(&mut self, other: &Self) {
        self.elements.subtract(&other.elements);
        self.deletions.subtract(&other.deletions);
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.subtract(other);
        rest
    }

    /// What is in both sets.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        self.without(&self.without(other))
    }

    /// What of an update is in this set.
    #[must_use]
    pub fn common(&self, ranges: &Ranges) -> Ranges {
        let within = |set: &IdRanges, ranges: &[(ClientId, Range<Clock>)]| {
            let common = |(client, clocks): &(ClientId, Range<Clock>)| {
                let client = *client;
                set.common(client, clocks).into_iter().map(move |clocks| (client, clocks))
            };
            ranges.iter().flat_map(common).collect()
        };
        Ranges { structs: within(&self.elements, &ranges.structs), deletes: within(&self.deletions, &ranges.deletes) }
    }

    /// Writes the set down.
    pub fn encode(&self, writer: &mut Writer) {
        encode(&self.elements, writer);
        encode(&self.deletions, writer);
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// The bytes are no set of edits.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { elements: decode(reader)?, deletions: decode(reader)? })
    }
}

impl From<&Ranges> for EditSet {
    fn from(ranges: &Ranges) -> Self {
        let mut set = Self::default();
        set.insert(ranges);
        set
    }
}

fn encode(ranges: &IdRanges, writer: &mut Writer) {
    writer.var_uint(ranges.iter().count() as u64);
    for (client, range) in ranges.iter() {
        writer.var_uint(client.0);
        writer.var_uint(range.start.into());
        writer.var_uint((range.end - range.start).into());
    }
}

fn decode(reader: &mut Reader<'_>) -> Result<IdRanges, DecodeError> {
    let mut ranges = IdRanges::default();
    for _ in 0..reader.var_uint()? {
        let client = ClientId(reader.var_uint()?);
        let (start, len) = (clock(reader)?, clock(reader)?);
        ranges.insert(client, start..start.checked_add(len).ok_or(DecodeError::Overflow)?);
    }
    Ok(ranges)
}

fn clock(reader: &mut Reader<'_>) -> Result<Clock, DecodeError> {
    Clock::try_from(reader.var_uint()?).map_err(|_| DecodeError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranges() -> impl Strategy<Value = IdRanges> {
        let range = (0..3_u64, 0..1000_u32, 0..50_u32);
        prop::collection::vec(range, 0..20).prop_map(|all| {
            all.into_iter().map(|(client, start, len)| (ClientId(client), start..start + len)).collect()
        })
    }

    fn sets() -> impl Strategy<Value = EditSet> {
        (ranges(), ranges()).prop_map(|(elements, deletions)| EditSet { elements, deletions })
    }

    proptest! {
        #[test]
        fn what_is_written_down_is_read(set in sets()) {
            let mut writer = Writer::new();
            set.encode(&mut writer);
            let bytes = writer.into_vec();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(EditSet::decode(&mut reader), Ok(set));
            prop_assert!(reader.is_empty());
            for end in 0..bytes.len() {
                prop_assert!(EditSet::decode(&mut Reader::new(&bytes[..end])).is_err());
            }
        }

        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = EditSet::decode(&mut Reader::new(&bytes));
        }

        #[test]
        fn what_is_added_and_what_is_proven_lead_from_one_set_to_the_other(before in sets(), after in sets()) {
            let (added, proven) = (after.without(&before), before.without(&after));
            let mut followed = before;
            followed.extend(&added);
            followed.subtract(&proven);
            prop_assert_eq!(followed, after);
        }
    }
}
