//! Decides how a record lies on the disk: changes of the document, and what was learned of where they are held.
//!
//! A record is read whole or not at all: a version, the content, and a checksum at the end.

use crate::sync::EditSet;
use crate::wire::{DecodeError, Reader, Writer};

/// One step of a document's history on this device. A snapshot is a record whose changes are the whole document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// Changes, in the order in which they were made, each in the encoding Yjs calls v1.
    pub updates: Vec<Vec<u8>>,
    /// What the server has not been shown to hold since then.
    pub added: EditSet,
    /// What it has been shown to hold since the records before.
    pub proven: EditSet,
}

/// Why a record cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordError {
    /// It was written by a newer version of Syncline.
    Newer,
    /// It is not what was written.
    Corrupt,
}

const VERSION: u64 = 1;

impl Record {
    /// What these records, in the order in which they were written, say is unsynced.
    pub fn unsynced<'a>(records: impl IntoIterator<Item = &'a Self>) -> EditSet {
        let mut unsynced = EditSet::default();
        for Self { added, proven, .. } in records {
            unsynced.extend(added);
            unsynced.subtract(proven);
        }
        unsynced
    }

    /// Writes the record down.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.var_uint(VERSION);
        writer.var_uint(self.updates.len() as u64);
        self.updates.iter().for_each(|update| writer.bytes(update));
        self.added.encode(&mut writer);
        self.proven.encode(&mut writer);
        let mut bytes = writer.into_vec();
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote. The changes in it are only as good as who made them: they have to
    /// pass the gate like any other.
    ///
    /// # Errors
    /// The bytes are no such record.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let (content, sum) = bytes.split_last_chunk().ok_or(RecordError::Corrupt)?;
        if checksum(content) != u32::from_le_bytes(*sum) {
            return Err(RecordError::Corrupt);
        }
        let mut reader = Reader::new(content);
        match reader.var_uint() {
            Ok(VERSION) => Self::read(reader).map_err(|_| RecordError::Corrupt),
            Ok(version) if version > VERSION => Err(RecordError::Newer),
            _ => Err(RecordError::Corrupt),
        }
    }

    fn read(mut reader: Reader<'_>) -> Result<Self, DecodeError> {
        let mut updates = Vec::new();
        for _ in 0..reader.var_uint()? {
            updates.push(reader.bytes()?.to_vec());
        }
        let record = Self { updates, added: EditSet::decode(&mut reader)?, proven: EditSet::decode(&mut reader)? };
        reader.finish()?;
        Ok(record)
    }
}

/// FNV-1a with 32 bits: it is against a disk that fails, not against somebody who wants to deceive.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ClientId;
    use proptest::prelude::*;

    fn record(updates: Vec<Vec<u8>>) -> Record {
        let mut added = EditSet::default();
        added.elements.insert(ClientId(7), 3..9);
        Record { updates, added, proven: EditSet::default() }
    }

    #[test]
    fn a_record_of_a_newer_version_is_told_from_a_broken_one() {
        let mut bytes = record(vec![vec![1]]).encode();
        bytes.truncate(bytes.len() - 4);
        bytes[0] = 2;
        bytes.extend(checksum(&bytes).to_le_bytes());
        assert_eq!(Record::decode(&bytes), Err(RecordError::Newer));
        bytes[1] ^= 1;
        assert_eq!(Record::decode(&bytes), Err(RecordError::Corrupt));
    }

    proptest! {
        #[test]
        fn what_is_written_down_is_read(updates: Vec<Vec<u8>>) {
            let record = record(updates);
            prop_assert_eq!(Record::decode(&record.encode()), Ok(record));
        }

        #[test]
        fn half_a_record_is_no_record(updates: Vec<Vec<u8>>, cut in 0..200_usize) {
            let bytes = record(updates).encode();
            prop_assert_eq!(Record::decode(&bytes[..cut.min(bytes.len() - 1)]), Err(RecordError::Corrupt));
        }

        #[test]
        fn a_changed_byte_is_noticed(updates: Vec<Vec<u8>>, at: prop::sample::Index, to: u8) {
            let mut bytes = record(updates).encode();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            prop_assert_eq!(Record::decode(&bytes), Err(RecordError::Corrupt));
        }

        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = Record::decode(&bytes);
        }
    }
}
