//! Decides what can be asked of the disk, and what it can answer.

use std::fmt;

/// What the disk has to do for one document. It answers every operation once, with the same number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreOp {
    /// Names the operation in the answer to it.
    pub id: OpId,
    /// What to do.
    pub task: Task,
}

/// Names one operation. An answer to any but the latest is dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OpId(pub u32);

/// What the disk has to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Task {
    /// Read every record of the document.
    Load,
    /// Add a record and remove others, both or neither.
    Write {
        /// The name of the new record.
        key: RecordKey,
        /// Its content.
        record: Vec<u8>,
        /// The records whose content is part of the new one.
        replaces: Vec<RecordKey>,
    },
    /// Remove every record of the document.
    Forget,
}

/// Names a record of a document. No two writers ever make the same name, so that none overwrites another's record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordKey {
    /// Above that of every record its writer knew: records are read in this order.
    pub sequence: u32,
    /// Who wrote it.
    pub writer: u32,
}

/// What the disk answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreNews {
    /// Every record of the document, in any order.
    Loaded(Vec<(RecordKey, Vec<u8>)>),
    /// The record is where the operation wanted it.
    Written,
    /// Nothing of the document is left.
    Forgotten,
    /// The operation failed and changed nothing.
    Failed(StoreFailure),
    /// The disk has let go of the document without being asked, whatever the latest operation was.
    Lost(StoreFailure),
}

/// Why the disk did not do what it was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreFailure {
    /// There is no IndexedDB here, or the page may not use it: private windows, blocked cookies, sandboxed frames.
    Unavailable(String),
    /// The browser gives this site no more room.
    Quota,
    /// The browser closed the database: its data was cleared, or its disk failed.
    Closed,
    /// Another tab holds the database in a version that is in the way.
    Blocked,
    /// The database was made by a newer version of Syncline.
    Newer,
    /// The disk did not answer in time.
    Timeout,
    /// Anything else, in the words of the browser.
    Other(String),
}

impl StoreFailure {
    /// All values of [`code`](Self::code).
    pub const CODES: [&'static str; 7] = [
        "store-unavailable",
        "store-quota",
        "store-closed",
        "store-blocked",
        "store-newer",
        "store-timeout",
        "store-failed",
    ];

    /// The stable name of this failure.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "store-unavailable",
            Self::Quota => "store-quota",
            Self::Closed => "store-closed",
            Self::Blocked => "store-blocked",
            Self::Newer => "store-newer",
            Self::Timeout => "store-timeout",
            Self::Other(_) => "store-failed",
        }
    }
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "this browser keeps nothing for this page: {why}"),
            Self::Quota => write!(f, "this site may not store more on this device"),
            Self::Closed => write!(f, "the browser closed the database of this site"),
            Self::Blocked => write!(f, "another tab of this site blocks its database"),
            Self::Newer => write!(f, "the database of this site was made by a newer version"),
            Self::Timeout => write!(f, "the device does not answer"),
            Self::Other(why) => write!(f, "the device could not store: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_codes_is_the_list_of_failures() {
        let all = [
            StoreFailure::Unavailable("denied".to_owned()),
            StoreFailure::Quota,
            StoreFailure::Closed,
            StoreFailure::Blocked,
            StoreFailure::Newer,
            StoreFailure::Timeout,
            StoreFailure::Other("broken".to_owned()),
        ];
        assert_eq!(all.iter().map(StoreFailure::code).collect::<Vec<_>>(), StoreFailure::CODES);
        assert!(all.iter().all(|failure| !failure.to_string().ends_with('.')));
    }
}
