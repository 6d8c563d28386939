//! Decides how the state of a replica is told to others: state vectors and updates, in the encoding Yjs calls v1.

use super::{IdRanges, Refusal, Replica, decode_state_vector};
use yrs::updates::encoder::{Encode, Encoder, EncoderV1};
use yrs::{ClientID, ReadTxn, StateVector};

impl Replica {
    /// What this replica holds, pending edits included: the next clock of every client.
    pub fn state_vector(&mut self) -> Vec<u8> {
        self.commit();
        self.read(|view| view.state_vector().encode_v1())
    }

    /// A state vector as if nothing from the first of `doubted` on were here: whoever answers it sends that back.
    pub fn state_vector_before(&mut self, doubted: &IdRanges) -> Vec<u8> {
        self.commit();
        let known = self.clocks().map(|(client, clock)| {
            let doubted = doubted.iter().find(|(of, _)| *of == client).map_or(clock, |(_, range)| range.start);
            (ClientID::new(client.0), clock.min(doubted))
        });
        known.filter(|(_, clock)| *clock > 0).collect::<StateVector>().encode_v1()
    }

    /// Everything that is not in the state vector `since`, deletions always whole; everything without one.
    ///
    /// # Errors
    /// `since` is not a state vector.
    pub fn encode_since(&mut self, since: Option<&[u8]>) -> Result<Vec<u8>, Refusal> {
        let since = since.map_or(Ok(Vec::new()), decode_state_vector)?;
        self.commit();
        let since = since.into_iter().map(|(client, clock)| (ClientID::new(client.0), clock));
        let since = StateVector::from_iter(since);
        Ok(self.read(|view| {
            // Not `encode_state_as_update_v1`: that one unwraps what yrs may have left pending.
            let mut encoder = EncoderV1::new();
            view.encode_state_as_update(&since, &mut encoder);
            encoder.to_vec()
        }))
    }
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
    use crate::ids::ClientId;
    use proptest::prelude::*;

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
