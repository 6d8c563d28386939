//! Decides which kinds of shared types there are, and what an undeclared root holds.
//!
//! A root that arrived over the network has no type until this replica declares one, and yrs loops for ever when a
//! list is read where a text was written. So the content is looked at before a kind is declared.

use super::utf16;
use super::value::Value;
use std::fmt;
use yrs::{Map, MapRef, Out, ReadTxn, Text, TextRef};

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

/// What a root holds that nobody has declared here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Held {
    /// Nothing visible: it may become any kind.
    Nothing,
    /// Content of exactly one kind.
    Only(Kind),
    /// Content of several kinds, or of one that cannot be opened.
    Mixed,
}

impl Held {
    /// Whether a root with this content may be opened as `kind`.
    pub(super) fn admits(self, kind: Kind) -> bool {
        self == Self::Nothing || self == Self::Only(kind)
    }
}

/// Looks at what the root called `name` holds, without declaring it.
pub(super) fn held<T: ReadTxn>(txn: &T, name: &str) -> Held {
    let Some(Out::UndefinedRef(branch)) = txn.get(name) else {
        return Held::Nothing;
    };
    let has_keys = MapRef::from(branch).len(txn) > 0;
    let length = branch.content_len();
    match (has_keys, length) {
        (false, 0) => Held::Nothing,
        (true, 0) => Held::Only(Kind::Map),
        (false, _) => sequence(txn, &TextRef::from(branch), length),
        (true, _) => Held::Mixed,
    }
}

/// Tells a text from a list. Read as a text, plain values of a list are skipped, and nested types stand in both.
fn sequence<T: ReadTxn>(txn: &T, text: &TextRef, length: u32) -> Held {
    let mut seen = 0;
    let mut is_text = false;
    for piece in text.diff(txn, |_| ()) {
        is_text |= matches!(piece.insert, Out::Any(_));
        seen += match piece.insert {
            Out::Any(Value::String(text)) => utf16::length(&text),
            _ => 1,
        };
    }
    match (is_text, seen == length) {
        (true, true) => Held::Only(Kind::Text),
        (true, false) => Held::Mixed,
        (false, _) => Held::Only(Kind::List),
    }
}
