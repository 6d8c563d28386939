//! Decides how presence states of several clients lie in one awareness update, the format of y-protocols.
//!
//! Whether an entry is news is for whoever keeps the states; here it is only read and written. A state that cannot be read
//! is the fault of the client whose it is, and servers pass it on unread: the rest of the update is as good as any.

use super::error::DecodeError;
use super::json::is_json;
use super::varint::{Reader, Writer};
use crate::ids::ClientId;

/// What an awareness update says about one client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AwarenessEntry {
    /// Whose state it is.
    pub client: ClientId,
    /// Counts the announcements of this client; up to 2^53-1. A higher one replaces a lower one.
    pub clock: u64,
    /// What it shows of itself.
    pub state: Shown,
}

/// What a client shows of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shown {
    /// This JSON, never `null`.
    State(String),
    /// Something that is not JSON, or nested more deeply than anything honest.
    Unreadable,
    /// Nothing: it has left.
    Gone,
}

impl From<Option<String>> for Shown {
    fn from(state: Option<String>) -> Self {
        state.map_or(Self::Gone, Self::State)
    }
}

/// How many clients one update may describe. An entry takes at least four bytes on the wire and some fifty in memory,
/// so that without this limit a frame could cost twelve times its size.
const MAX_ENTRIES: usize = 65_536;

const NULL: &str = "null";

/// Reads an awareness update.
///
/// # Errors
/// The bytes are not exactly one awareness update, or there are more than 65,536 entries.
pub fn decode(update: &[u8]) -> Result<Vec<AwarenessEntry>, DecodeError> {
    let mut reader = Reader::new(update);
    let count = reader.var_uint()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        if entries.len() == MAX_ENTRIES {
            return Err(DecodeError::TooMany { limit: MAX_ENTRIES });
        }
        entries.push(AwarenessEntry {
            client: ClientId(reader.var_uint()?),
            clock: reader.var_uint()?,
            state: read_state(reader.bytes()?),
        });
    }
    reader.finish()?;
    Ok(entries)
}

fn read_state(bytes: &[u8]) -> Shown {
    match std::str::from_utf8(bytes) {
        Ok(json) if is_json(json) => Shown::from((json.trim() != NULL).then(|| json.to_owned())),
        _ => Shown::Unreadable,
    }
}

/// Writes an awareness update. The states must be JSON, as every peer parses them; one that could not be read is empty.
pub fn encode(entries: &[AwarenessEntry]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.var_uint(entries.len() as u64);
    for entry in entries {
        writer.var_uint(entry.client.0);
        writer.var_uint(entry.clock);
        writer.string(match &entry.state {
            Shown::State(json) => json,
            Shown::Unreadable => "{}",
            Shown::Gone => NULL,
        });
    }
    writer.into_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::varint::MAX_VAR_UINT;
    use proptest::prelude::*;

    #[test]
    fn an_update_has_the_bytes_that_y_protocols_gives_it() {
        let entries = [
            AwarenessEntry { client: ClientId(300), clock: 5, state: Shown::State(r#"{"n":1}"#.to_owned()) },
            AwarenessEntry { client: ClientId(1), clock: 0, state: Shown::Gone },
        ];
        let bytes = b"\x02\xac\x02\x05\x07{\"n\":1}\x01\x00\x04null";
        assert_eq!(encode(&entries), bytes);
        assert_eq!(decode(bytes), Ok(entries.to_vec()));
    }

    #[test]
    fn null_means_gone_however_it_is_spaced() {
        assert_eq!(decode(b"\x01\x01\x01\x06 null\n").unwrap()[0].state, Shown::Gone);
    }

    #[test]
    fn a_state_that_cannot_be_read_is_that_of_one_client() {
        let deep = "[".repeat(65) + &"]".repeat(65);
        for state in [b"{]".as_slice(), b"", b"\"\xff\"", deep.as_bytes()] {
            let mut update = Writer::new();
            update.var_uint(2);
            for (client, state) in [(1, state), (2, b"{}".as_slice())] {
                update.var_uint(client);
                update.var_uint(7);
                update.bytes(state);
            }
            let states: Vec<_> = decode(&update.into_vec()).unwrap().into_iter().map(|entry| entry.state).collect();
            assert_eq!(states, [Shown::Unreadable, Shown::State("{}".to_owned())]);
        }
    }

    #[test]
    fn a_state_that_could_not_be_read_is_one_that_others_can() {
        let entry = |state| AwarenessEntry { client: ClientId(1), clock: 7, state };
        let written = encode(&[entry(Shown::Unreadable)]);
        assert_eq!(decode(&written), Ok(vec![entry(Shown::State("{}".to_owned()))]));
    }

    #[test]
    fn a_length_that_wraps_on_32_bits_is_refused() {
        assert_eq!(decode(b"\x01\x01\x01\xff\xff\xff\xff\x0f"), Err(DecodeError::Truncated));
    }

    #[test]
    fn a_declared_count_reserves_nothing() {
        assert_eq!(decode(b"\xff\xff\xff\xff\xff\xff\xff\x0f"), Err(DecodeError::Truncated));
    }

    #[test]
    fn more_entries_than_any_room_has_are_refused() {
        let one = AwarenessEntry { client: ClientId(1), clock: 1, state: Shown::State("1".to_owned()) };
        assert!(decode(&encode(&vec![one.clone(); MAX_ENTRIES])).is_ok());
        let refused = decode(&encode(&vec![one; MAX_ENTRIES + 1]));
        assert_eq!(refused, Err(DecodeError::TooMany { limit: MAX_ENTRIES }));
    }

    fn entry() -> impl Strategy<Value = AwarenessEntry> {
        let state = prop::option::of(any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()));
        (0..=MAX_VAR_UINT, 0..=MAX_VAR_UINT, state).prop_map(|(client, clock, state)| AwarenessEntry {
            client: ClientId(client),
            clock,
            state: Shown::from(state),
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(entries in prop::collection::vec(entry(), 0..8)) {
            prop_assert_eq!(decode(&encode(&entries)), Ok(entries));
        }

        #[test]
        fn every_strict_prefix_is_refused(entries in prop::collection::vec(entry(), 0..4)) {
            let bytes = encode(&entries);
            for len in 0..bytes.len() {
                prop_assert_eq!(decode(&bytes[..len]), Err(DecodeError::Truncated));
            }
        }

        #[test]
        fn a_byte_too_many_is_refused(entries in prop::collection::vec(entry(), 0..4), extra: u8) {
            let mut bytes = encode(&entries);
            bytes.push(extra);
            prop_assert_eq!(decode(&bytes), Err(DecodeError::TrailingBytes { count: 1 }));
        }

        #[test]
        fn arbitrary_bytes_are_decoded_or_refused(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
