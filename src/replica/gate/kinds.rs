//! Decides which contents a shared type takes.
//!
//! The kind of a nested type is written in the update. A root has only a name: what it is follows from what the
//! application opens it as and from what stands in it, and until then it may be several kinds at once.

use super::content::{Content, TypeRef};
use crate::replica::Kind;

/// A set of kinds that a type may be of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Kinds(u8);

impl Kinds {
    const NONE: Self = Self(0);
    const TEXT: Self = Self(1);
    const MAP: Self = Self(2);
    const LIST: Self = Self(4);
    /// An XML element or fragment: it holds elements and texts, and attributes under keys.
    const XML: Self = Self(8);

    /// A root of which nothing is known.
    pub(super) const ANY: Self = Self::TEXT.or(Self::MAP).or(Self::LIST).or(Self::XML);

    /// The kinds that take `content` in their sequence.
    pub(super) const fn with_element(content: Content) -> Self {
        match content {
            Content::String(_) | Content::Embed | Content::Format => Self::TEXT,
            Content::Any | Content::Binary => Self::LIST,
            Content::Type(TypeRef::XmlElement | TypeRef::XmlFragment | TypeRef::XmlText) | Content::Deleted => {
                Self::TEXT.or(Self::LIST).or(Self::XML)
            }
            Content::Type(_) => Self::TEXT.or(Self::LIST),
        }
    }

    /// The kinds that take `content` under a key. Texts and XML have attributes, lists have nothing of the sort.
    pub(super) const fn with_entry(content: Content) -> Self {
        match content {
            Content::String(_) | Content::Embed | Content::Format => Self::NONE,
            Content::Any | Content::Binary | Content::Type(_) | Content::Deleted => {
                Self::TEXT.or(Self::MAP).or(Self::XML)
            }
        }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The kind that it must be, if there is only one left and it can be opened.
    pub(super) fn only(self) -> Option<Kind> {
        [Kind::Text, Kind::Map, Kind::List].into_iter().find(|kind| Self::from(*kind) == self)
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::TEXT,
            Kind::Map => Self::MAP,
            Kind::List => Self::LIST,
        }
    }
}

impl From<TypeRef> for Kinds {
    fn from(type_ref: TypeRef) -> Self {
        match type_ref {
            TypeRef::Array => Self::LIST,
            TypeRef::Map => Self::MAP,
            TypeRef::Text | TypeRef::XmlText => Self::TEXT,
            TypeRef::XmlElement | TypeRef::XmlFragment => Self::XML,
        }
    }
}
