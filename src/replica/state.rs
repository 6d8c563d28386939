//! Decides how the state of a replica is told to others: state vectors and updates, in the encoding Yjs calls v1.

use super::gate::parse;
use super::{IdRanges, Refusal, Replica, decode_state_vector, gate};
use crate::ids::{ClientId, Clock};
use yrs::updates::encoder::{Encode, Encoder, EncoderV1};
use yrs::{ClientID, ReadTxn, StateVector};

/// How often a clock is moved by one. A text can be full of replacement characters that were written as such: what is
/// still in doubt then is asked for from the start.
const MOST_STEPS: u32 = 4;

impl Replica {
    /// What this replica holds, pending edits included: the next clock of every client.
    pub fn state_vector(&mut self) -> Vec<u8> {
        self.complete();
        self.read(|view| view.state_vector().encode_v1())
    }

    /// A state vector as if nothing from the first of `doubted` on were here: whoever answers it sends that back.
    pub fn state_vector_before(&mut self, doubted: &IdRanges) -> Vec<u8> {
        self.complete();
        let known = self
            .clocks()
            .map(|(client, clock)| (client, doubted.first(client).map_or(clock, |doubted| clock.min(doubted))));
        let mut known: Vec<_> = known.filter(|(_, clock)| *clock > 0).collect();
        self.keep_characters_whole(&mut known);
        state_vector(&known).encode_v1()
    }

    /// Moves clocks that lie between the two halves of a character in front of it.
    ///
    /// Whoever is asked from there on answers with the second half, and Yjs cuts the character in two wherever that
    /// answer is read, for good: it looks for the end of what stands left of it, also of what it has.
    /// Pending edits are not looked at.
    pub fn keep_characters_whole(&self, from: &mut [(ClientId, Clock)]) {
        if from.iter().all(|(client, clock)| *clock >= self.clock(*client)) {
            return;
        }
        for step in 1..=MOST_STEPS {
            let update = self.encode_beyond(&state_vector(from));
            let Ok(rest) = parse(&update) else { return };
            let cut = from.iter_mut().filter(|(client, clock)| *clock > 0 && rest.may_cut_character(*client, *clock));
            if cut.map(|(_, clock)| *clock = if step < MOST_STEPS { *clock - 1 } else { 0 }).count() == 0 {
                return;
            }
        }
    }

    /// Everything that is not in the state vector `since`, deletions always whole; everything without one.
    ///
    /// # Errors
    /// `since` is not a state vector.
    pub fn encode_since(&mut self, since: Option<&[u8]>) -> Result<Vec<u8>, Refusal> {
        let since = since.map_or(Ok(Vec::new()), decode_state_vector)?;
        self.complete();
        Ok(self.encode_beyond(&state_vector(&since)))
    }

    /// An update that holds these elements and deletions, pending edits apart. The elements of each client begin with a
    /// whole edit; with them come its later ones, and what was deleted of them meanwhile is told as that.
    pub fn encode_edits(&self, elements: &IdRanges, deletions: &IdRanges) -> Vec<u8> {
        let since = self.clocks().filter_map(|(client, clock)| {
            let first = elements.first(client).unwrap_or(clock);
            (first > 0).then_some((ClientID::new(client.0), first))
        });
        let all = self.encode_beyond(&since.collect());
        // Without the deletions of years, which yrs writes whole.
        gate::with_deletions(&all, deletions).unwrap_or(all)
    }

    pub(super) fn encode_beyond(&self, since: &StateVector) -> Vec<u8> {
        self.read(|view| {
            // Not `encode_state_as_update_v1`: that one unwraps what yrs may have left pending.
            let mut encoder = EncoderV1::new();
            view.encode_state_as_update(since, &mut encoder);
            encoder.to_vec()
        })
    }
}

pub(super) fn state_vector(clocks: &[(ClientId, Clock)]) -> StateVector {
    clocks.iter().map(|(client, clock)| (ClientID::new(client.0), *clock)).collect()
}

/// One update that does what `updates` do. Only for updates of this replica, or that it has accepted.
///
/// None if they cannot be merged; they can still be sent one by one.
pub fn merge_updates<'a>(updates: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    yrs::merge_updates_v1(updates).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::Kind;
    use proptest::prelude::*;

    #[test]
    fn nobody_is_asked_for_half_a_character() {
        let ends = |text: &str| {
            let mut replica = Replica::new(ClientId(7), 1 << 24);
            let id = replica.open("body", Kind::Text).unwrap();
            replica.text_insert(id, 0, text, None).unwrap();
            replica.commit();
            let mut from = vec![(ClientId(7), replica.clock(ClientId(7)) - 1)];
            replica.keep_characters_whole(&mut from);
            from[0].1
        };
        assert_eq!((ends("a😀"), ends("a😀b"), ends("ab"), ends("😀")), (1, 3, 1, 0));
        assert_eq!(ends("a😀\u{FFFD}"), 1, "a replacement character that somebody wrote looks like half of another");
        assert_eq!(ends(&"\u{FFFD}".repeat(100)), 0, "no end to it is looked for");
    }

    #[test]
    fn what_is_doubted_begins_with_a_whole_character() {
        let mut replica = Replica::new(ClientId(7), 1 << 24);
        let id = replica.open("body", Kind::Text).unwrap();
        replica.text_insert(id, 0, "a😀b", None).unwrap();
        let doubted = [(ClientId(7), 2..4)].into_iter().collect();
        let expected = StateVector::from_iter([(ClientID::new(7), 1)]).encode_v1();
        assert_eq!(replica.state_vector_before(&doubted), expected);
    }

    #[test]
    fn a_state_vector_with_a_false_count_is_refused_before_anything_is_allocated() {
        assert!(decode_state_vector(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).is_err());
        assert_eq!(decode_state_vector(&[0]), Ok(Vec::new()));
        assert_eq!(decode_state_vector(&[1, 0x85, 0x01, 7]), Ok(vec![(ClientId(133), 7)]));
        assert!(decode_state_vector(&[1, 5, 7, 0]).is_err(), "bytes are left over");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = decode_state_vector(&bytes);
        }

        #[test]
        fn what_yrs_writes_is_read(entries in prop::collection::btree_map(0..1u64 << 53, 0..1u32 << 31, 0..9)) {
            let state: StateVector =
                entries.iter().map(|(client, clock)| (ClientID::new(*client), *clock)).collect();
            let encoded = state.encode_v1();
            let mut decoded = decode_state_vector(&encoded).unwrap();
            decoded.sort();
            let expected: Vec<_> = entries.into_iter().map(|(client, clock)| (ClientId(client), clock)).collect();
            prop_assert_eq!(decoded, expected);
            for end in 0..encoded.len() {
                prop_assert!(decode_state_vector(&encoded[..end]).is_err());
            }
        }
    }
}
