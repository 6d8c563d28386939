//! Decides which kinds of shared types can be opened, and how an open one is named.

use std::fmt;

/// What a shared type is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Text with formatting and embedded objects.
    Text,
    /// Values by key.
    Map,
    /// Values by position.
    List,
}

/// The handle of a shared type that was opened: small, and never reused by the same replica.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TypeId(pub u32);

impl Kind {
    /// The name in the JavaScript API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Map => "map",
            Self::List => "list",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
