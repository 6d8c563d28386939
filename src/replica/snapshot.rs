//! Decides how the state of a document is written down to be looked at later: whole, with a header that tells it from
//! other bytes, and with the kinds of its roots, which an update does not say.
//!
//! A snapshot of Yjs is a state vector and a set of deletions. It is small, and worth nothing without a document that
//! never lets go of what was deleted. This one needs no document.

use super::error::EditError;
use super::kind::Kind;
use super::refusal::Refusal;
use std::fmt;

/// Why bytes are no snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BadSnapshot {
    /// They do not begin as a snapshot does.
    Foreign,
    /// They were written by a newer version.
    Newer {
        /// The version of the format.
        version: u8,
    },
    /// They are not the bytes that were written.
    Damaged,
    /// The state in them is refused.
    Refused(Refusal),
    /// The state in them builds on changes that are not in them.
    Incomplete,
    /// The type did not exist when it was made.
    Absent,
}

/// What a snapshot says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Snapshot<'a> {
    /// The roots that were open where it was made.
    pub(super) roots: Vec<(&'a str, Kind)>,
    /// The whole document.
    pub(super) update: &'a [u8],
}

impl<'a> Snapshot<'a> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.update.len() + 64);
        for (name, kind) in self.roots.iter().take(MAX_ROOTS) {
            // A name that is longer than any that people give is left out: its kind is then known to who opens it.
            let Ok(len) = u16::try_from(name.len()) else { continue };
            body.push(mark(*kind));
            body.extend(len.to_le_bytes());
            body.extend(name.as_bytes());
        }
        body.push(END_OF_ROOTS);
        body.extend(self.update);
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.extend(checksum(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// Reads what [`Self::encode`] has written. The update is not looked at.
    ///
    /// # Errors
    /// The bytes are something else.
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, BadSnapshot> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(BadSnapshot::Foreign)?;
        let (version, rest) = rest.split_first().ok_or(BadSnapshot::Damaged)?;
        if *version != VERSION {
            return Err(BadSnapshot::Newer { version: *version });
        }
        let (sum, mut rest) = rest.split_first_chunk::<4>().ok_or(BadSnapshot::Damaged)?;
        if u32::from_le_bytes(*sum) != checksum(rest) {
            return Err(BadSnapshot::Damaged);
        }
        let mut roots = Vec::new();
        while let Some((mark, after)) = rest.split_first().filter(|(mark, _)| **mark != END_OF_ROOTS) {
            let (root, after) = read_root(*mark, after).ok_or(BadSnapshot::Damaged)?;
            rest = after;
            roots.push(root);
        }
        let (_, update) = rest.split_first().filter(|_| roots.len() <= MAX_ROOTS).ok_or(BadSnapshot::Damaged)?;
        Ok(Self { roots, update })
    }
}

/// A root that begins with `found`, and what follows it.
fn read_root(found: u8, bytes: &[u8]) -> Option<((&str, Kind), &[u8])> {
    let kind = [Kind::Text, Kind::Map, Kind::List].into_iter().find(|kind| mark(*kind) == found)?;
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    let (name, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*len)))?;
    Some(((std::str::from_utf8(name).ok()?, kind), rest))
}

const fn mark(kind: Kind) -> u8 {
    match kind {
        Kind::Text => 1,
        Kind::Map => 2,
        Kind::List => 3,
    }
}

/// FNV-1a of 32 bits: it is to notice damage, not malice. What is malicious meets the gate.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The first byte is none with which an update, a text or a file of another kind is likely to begin.
const MAGIC: [u8; 4] = *b"\xD5SYN";

const VERSION: u8 = 1;

/// How many roots are named; those of documents are counted by hand.
const MAX_ROOTS: usize = 1000;

const END_OF_ROOTS: u8 = 0;

impl fmt::Display for BadSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("these bytes are no snapshot of syncline"),
            Self::Newer { version } => write!(f, "this snapshot has version {version}, this syncline reads {VERSION}"),
            Self::Damaged => f.write_str("this snapshot is damaged or cut off"),
            Self::Refused(refusal) => write!(f, "this snapshot cannot be read: {refusal}"),
            Self::Absent => f.write_str("there was no such type when this snapshot was made"),
            Self::Incomplete => f.write_str("this snapshot is incomplete"),
        }
    }
}

impl From<Refusal> for BadSnapshot {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<BadSnapshot> for EditError {
    fn from(problem: BadSnapshot) -> Self {
        Self::BadSnapshot(problem)
    }
}

impl std::error::Error for BadSnapshot {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind() -> impl Strategy<Value = Kind> {
        prop::sample::select(vec![Kind::Text, Kind::Map, Kind::List])
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_and_any_other_byte_is_noticed(
            roots in prop::collection::vec((".{0,9}", kind()), 0..4),
            update: Vec<u8>,
            at: usize,
            flip in 1..=u8::MAX,
        ) {
            let roots = roots.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
            let snapshot = Snapshot { roots, update: &update };
            let mut bytes = snapshot.encode();
            prop_assert_eq!(Snapshot::decode(&bytes), Ok(snapshot));
            let at = at % bytes.len();
            prop_assert!(Snapshot::decode(&bytes[..at]).is_err());
            bytes[at] ^= flip;
            prop_assert!(Snapshot::decode(&bytes).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let mut bytes = MAGIC.to_vec();
            bytes.push(VERSION);
            bytes.extend(checksum(&body).to_le_bytes());
            bytes.extend(&body);
            let _ = Snapshot::decode(&bytes);
            let _ = Snapshot::decode(&body);
        }
    }
}
