//! Decides why an edit is refused, and under which code the application learns it.

use super::kind::{Kind, TypeId};
use super::snapshot::BadSnapshot;
use super::undo::UndoId;
use std::fmt;

/// Why an edit or a read was refused; nothing has changed then.
#[derive(Clone, PartialEq, Debug)]
pub enum EditError {
    /// No type of this handle was opened.
    UnknownType(TypeId),
    /// The type was nested in another one, and was deleted with what it stood in.
    Deleted,
    /// The position or the end of the range lies behind the end.
    OutOfRange {
        /// The position, or the end of the range, in elements or UTF-16 code units.
        index: u64,
        /// How long the type is.
        len: u32,
    },
    /// The type would become longer than positions can count.
    TooLong {
        /// How long it would become.
        len: u64,
    },
    /// The position lies between the two halves of a surrogate pair.
    SplitSurrogate {
        /// The position, in UTF-16 code units.
        index: u32,
    },
    /// The type is of another kind.
    WrongKind {
        /// The name of the root.
        name: String,
        /// The kind that was asked for.
        asked: Kind,
        /// The kind that it is; none if the network brought content of several kinds.
        found: Option<Kind>,
    },
    /// The value cannot be kept as it is.
    BadValue(BadValue),
    /// No undo manager of this number is open.
    UnknownUndo(UndoId),
    /// The type is nested in another one, and a root is needed.
    NoRoot(TypeId),
    /// The bytes are no snapshot, or one that cannot be read.
    BadSnapshot(BadSnapshot),
    /// The document was closed.
    Closed,
}

/// Why a value cannot be kept.
#[derive(Clone, PartialEq, Debug)]
pub enum BadValue {
    /// A number is NaN or infinite.
    NotFinite(f64),
    /// An integer lies outside what a JavaScript number holds exactly.
    NotExact(i64),
    /// Arrays and objects are nested deeper than [`super::MAX_DEPTH`].
    TooDeep,
    /// Formatting or an embedded object holds what JSON cannot express.
    NotJson(&'static str),
    /// An embedded object is null or a string.
    Embed,
}

impl EditError {
    /// The code for the application, from the closed list of the JavaScript API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownType(_) | Self::UnknownUndo(_) | Self::NoRoot(_) => "bad-argument",
            Self::Deleted => "deleted",
            Self::OutOfRange { .. } | Self::TooLong { .. } => "out-of-range",
            Self::SplitSurrogate { .. } => "split-surrogate",
            Self::WrongKind { .. } => "wrong-kind",
            Self::BadValue(_) => "bad-value",
            Self::BadSnapshot(_) => "bad-snapshot",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType(TypeId(id)) => write!(f, "no type with the handle {id} was opened"),
            Self::Deleted => f.write_str("the nested type was deleted"),
            Self::OutOfRange { index, len } => write!(f, "position {index} lies behind the end at {len}"),
            Self::TooLong { len } => write!(f, "the content would be {len} long, more than positions can count"),
            Self::SplitSurrogate { index } => write!(f, "position {index} lies inside a surrogate pair"),
            Self::WrongKind { name, asked, found: Some(found) } => write!(f, "'{name}' is a {found}, not a {asked}"),
            Self::WrongKind { name, asked, found: None } => {
                write!(f, "'{name}' holds content of several kinds and cannot be opened as a {asked}")
            }
            Self::BadValue(problem) => problem.fmt(f),
            Self::UnknownUndo(UndoId(id)) => write!(f, "no undo manager with the number {id} is open"),
            Self::NoRoot(_) => {
                f.write_str("a type that is nested in another one cannot be a scope of undo: name its root")
            }
            Self::BadSnapshot(problem) => problem.fmt(f),
            Self::Closed => f.write_str("the document is closed"),
        }
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite(number) if number.is_nan() => f.write_str("NaN cannot be kept"),
            Self::NotFinite(_) => f.write_str("an infinite number cannot be kept"),
            Self::NotExact(number) => write!(f, "the integer {number} is outside -(2^53-1) to 2^53-1"),
            Self::TooDeep => write!(f, "the value is nested deeper than {} levels", super::MAX_DEPTH),
            Self::NotJson(what) => write!(f, "{what} in formatting or an embedded object cannot be expressed in JSON"),
            Self::Embed => f.write_str("an embedded object must not be null or a string"),
        }
    }
}

impl From<BadValue> for EditError {
    fn from(problem: BadValue) -> Self {
        Self::BadValue(problem)
    }
}

impl std::error::Error for EditError {}
impl std::error::Error for BadValue {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_values() {
        let refused = EditError::OutOfRange { index: 9, len: 4 };
        assert_eq!(refused.to_string(), "position 9 lies behind the end at 4");
        let refused = EditError::WrongKind { name: "body".to_owned(), asked: Kind::List, found: Some(Kind::Text) };
        assert_eq!(refused.to_string(), "'body' is a text, not a list");
    }

    #[test]
    fn codes_are_those_of_the_javascript_api() {
        let refused = [
            EditError::UnknownType(TypeId(1)),
            EditError::Deleted,
            EditError::TooLong { len: 1 },
            EditError::SplitSurrogate { index: 1 },
            EditError::WrongKind { name: String::new(), asked: Kind::Map, found: None },
            EditError::BadValue(BadValue::Embed),
            EditError::Closed,
        ];
        let codes = refused.map(|error| error.code());
        let expected =
            ["bad-argument", "deleted", "out-of-range", "split-surrogate", "wrong-kind", "bad-value", "closed"];
        assert_eq!(codes, expected);
    }
}
