//! Decides what an update can be refused for: a closed set, each with the code that the application sees.

use crate::ids::{ClientId, Clock};
use std::fmt;

/// Why an update, or a part of one, does not go into the document. The document is untouched by what was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The bytes are no Yjs v1 update.
    Malformed {
        /// What was found or expected.
        what: &'static str,
        /// The offset of the byte at which reading stopped.
        at: usize,
    },
    /// The bytes are an update, but one that no Yjs client makes: applying it would damage the document.
    Inconsistent {
        /// What does not fit.
        what: Inconsistency,
        /// The client of the block that does not fit.
        client: ClientId,
        /// The clock of that block.
        clock: Clock,
    },
    /// The update is well-formed, but holds what Syncline cannot read.
    Unsupported(Unsupported),
    /// yrs did not take in an update that had been checked: a defect of ours.
    NotApplied {
        /// What yrs said.
        what: String,
    },
    /// Reading it has killed an instance before.
    Quarantined,
    /// The update is early, and holding it back would take more memory than allowed.
    TooMuchHeld {
        /// How many bytes of early changes there would be.
        bytes: usize,
        /// How many are allowed.
        limit: usize,
    },
}

/// How the parts of an update contradict each other or the document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inconsistency {
    /// A block builds on itself, directly or through other blocks.
    Cycle,
    /// The neighbours that a block names are in different places.
    MixedPlaces,
    /// The parent that a block names is no shared type.
    ParentIsNoType,
    /// A nested type does not take this kind of content.
    WrongContent,
    /// The block is in the name of this document, and so far ahead that few names would be left for its own elements.
    TakesOurNames,
}

/// What Syncline cannot read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unsupported {
    /// A document inside a document.
    SubDocument,
    /// The JSON content that Yjs wrote before version 13.
    LegacyJson,
    /// A `Y.XmlHook`.
    XmlHook,
    /// A weak link.
    WeakLink,
    /// A shared type that is none of Yjs 13.
    UnknownType(u8),
    /// Embedded JSON that cannot be represented here, such as half a surrogate pair.
    Json,
    /// Values or types nested more deeply than any document needs.
    DeepNesting,
    /// More blocks in one update than memory is reserved for.
    TooManyBlocks,
    /// A root that is used as two kinds of type at once.
    MixedRoot {
        /// The name of the root.
        name: String,
    },
}

impl Refusal {
    /// All values of [`code`](Self::code).
    pub const CODES: [&'static str; 4] = ["bad-update", "unsupported-content", "too-much-held", "quarantined"];

    /// The code of the error that the application gets.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } | Self::Inconsistent { .. } | Self::NotApplied { .. } => "bad-update",
            Self::Unsupported(_) => "unsupported-content",
            Self::TooMuchHeld { .. } => "too-much-held",
            Self::Quarantined => "quarantined",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { what, at } => write!(f, "malformed update: {what} at byte {at}"),
            Self::Inconsistent { what, client, clock } => {
                write!(f, "inconsistent update: block {clock} of client {client} {what}")
            }
            Self::NotApplied { what } => write!(f, "the update could not be applied: {what}"),
            Self::Quarantined => f.write_str("the update has ended an instance before, and is not looked at again"),
            Self::Unsupported(content) => write!(f, "unsupported content: {content}"),
            Self::TooMuchHeld { bytes, limit } => {
                write!(f, "too much held back: {bytes} bytes of early changes, the limit is {limit}")
            }
        }
    }
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cycle => "builds on itself",
            Self::MixedPlaces => "has neighbours in different places",
            Self::ParentIsNoType => "has a parent that is no shared type",
            Self::WrongContent => "has content that its parent does not take",
            Self::TakesOurNames => "takes the names that this document needs for itself",
        })
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SubDocument => f.write_str("a sub-document"),
            Self::LegacyJson => f.write_str("json content of yjs before version 13"),
            Self::XmlHook => f.write_str("an xml hook"),
            Self::WeakLink => f.write_str("a weak link"),
            Self::UnknownType(number) => write!(f, "a shared type of the unknown kind {number}"),
            Self::Json => f.write_str("embedded json that is not valid here"),
            Self::DeepNesting => f.write_str("nesting that is too deep"),
            Self::TooManyBlocks => f.write_str("too many blocks in one update"),
            Self::MixedRoot { name } => write!(f, "root '{name}' is used as two kinds of type"),
        }
    }
}

impl std::error::Error for Refusal {}
