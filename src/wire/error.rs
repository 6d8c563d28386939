//! Decides how a refusal of received bytes is named.

use std::fmt;

/// Why bytes from outside were refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// The frame has no byte at all.
    Empty,
    /// The frame is text, and the dialect speaks only binary.
    TextFrame,
    /// The frame is binary, and the dialect speaks only text.
    BinaryFrame,
    /// The frame is a text that has nothing to do with the dialect: a greeting, or an error of a gateway.
    ForeignText,
    /// The frame is larger than this client accepts.
    TooLarge {
        /// Its size in bytes.
        len: usize,
        /// The largest size accepted.
        limit: usize,
    },
    /// The bytes end before what they announced.
    Truncated,
    /// A number is larger than 2^53-1, the largest that JavaScript counts exactly.
    Overflow,
    /// Bytes are left after everything that was announced.
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// A string is not UTF-8.
    InvalidUtf8,
    /// A text that begins like a message is not JSON or is nested too deeply.
    InvalidJson,
    /// A message in a text frame has a member that cannot be, by itself or beside those of its other pieces.
    InvalidEnvelope {
        /// The name of the member.
        member: &'static str,
    },
    /// A message of a known type has a subtype that the protocol does not define.
    UnknownSubtype {
        /// The type of the message.
        kind: u64,
        /// The subtype it came with.
        subtype: u64,
    },
    /// There are more messages or entries than anything honest sends at once.
    TooMany {
        /// The largest number accepted.
        limit: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the frame is empty"),
            Self::TextFrame => write!(f, "the frame is text where binary is spoken"),
            Self::BinaryFrame => write!(f, "the frame is binary where text is spoken"),
            Self::ForeignText => write!(f, "the text is no message of this protocol"),
            Self::TooLarge { len, limit } => write!(f, "the frame has {len} bytes, at most {limit} are accepted"),
            Self::Truncated => write!(f, "the bytes end too early"),
            Self::Overflow => write!(f, "a number exceeds 2^53-1"),
            Self::TrailingBytes { count } => write!(f, "{count} bytes are left over at the end"),
            Self::InvalidUtf8 => write!(f, "a string is not UTF-8"),
            Self::InvalidJson => write!(f, "a text message is not JSON"),
            Self::InvalidEnvelope { member } => write!(f, "a text message has a '{member}' that cannot be"),
            Self::UnknownSubtype { kind, subtype } => write!(f, "a message of type {kind} has no subtype {subtype}"),
            Self::TooMany { limit } => write!(f, "there are more than {limit} messages or entries at once"),
        }
    }
}

impl std::error::Error for DecodeError {}
