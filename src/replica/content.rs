//! Decides how a state is held to be compared with another and written again: as a tree that yrs has no part in.

use super::align::Pair;
use super::delta::DeltaOp;
use super::kind::Kind;
use super::text;
use super::value::{MAX_DEPTH, Value};
use super::view::View;
use crate::sorted::SortedMap;
use yrs::branch::Branch;
use yrs::{Array, BranchID, Map, Out};

/// A value, or a shared type with what is in it.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A plain value.
    Plain(Value),
    /// A text.
    Text(BranchID, Vec<DeltaOp>),
    /// A map.
    Map(BranchID, SortedMap<String, Self>),
    /// A list.
    List(BranchID, Vec<Self>),
    /// What can be read and not written, such as XML.
    Foreign,
}

impl Content {
    /// What `out` holds.
    pub(super) fn of(out: Out, view: &View) -> Self {
        Self::at(out, view, MAX_DEPTH)
    }

    /// The gate lets no types in that are nested more deeply than values may be.
    fn at(out: Out, view: &View, levels: usize) -> Self {
        let (Some(below), Some(id)) = (levels.checked_sub(1), out.try_branch().map(Branch::id)) else {
            return if let Out::Any(value) = out { Self::Plain(value) } else { Self::Foreign };
        };
        match out {
            Out::YText(text) => Self::Text(id, text::content(&text, view)),
            Out::YMap(map) => {
                let entries = map.iter(view).map(|(key, item)| (key.to_owned(), Self::at(item, view, below)));
                Self::Map(id, entries.collect())
            }
            Out::YArray(list) => Self::List(id, list.iter(view).map(|item| Self::at(item, view, below)).collect()),
            _ => Self::Foreign,
        }
    }

    /// The id, where it is a type that can be written.
    pub(super) const fn id(&self) -> Option<&BranchID> {
        match self {
            Self::Text(id, _) | Self::Map(id, _) | Self::List(id, _) => Some(id),
            Self::Plain(_) | Self::Foreign => None,
        }
    }

    /// The kind, where it is a type that can be written.
    pub(super) const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Text(..) => Some(Kind::Text),
            Self::Map(..) => Some(Kind::Map),
            Self::List(..) => Some(Kind::List),
            Self::Plain(_) | Self::Foreign => None,
        }
    }

    /// The type at a place, which is this one or stands in it.
    pub(super) fn find(&self, place: &BranchID) -> Option<&Self> {
        if self.id() == Some(place) {
            return Some(self);
        }
        match self {
            Self::Map(_, entries) => entries.iter().find_map(|(_, value)| value.find(place)),
            Self::List(_, items) => items.iter().find_map(|item| item.find(place)),
            _ => None,
        }
    }

    /// Whether both are the same shared type, whatever it holds.
    pub(super) fn is_type(&self, other: &Self) -> bool {
        self.id().is_some_and(|id| other.id() == Some(id))
    }

    /// Whether nobody could tell one from the other, apart from who made it.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => one == other,
            (Self::Text(_, one), Self::Text(_, other)) => one == other,
            (Self::Map(_, one), Self::Map(_, other)) => {
                let is_in_other = |(key, value): (&String, &Self)| other.get(key).is_some_and(|it| value.is_same(it));
                one.len() == other.len() && one.iter().all(is_in_other)
            }
            (Self::List(_, one), Self::List(_, other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_same(other))
            }
            _ => false,
        }
    }
}

/// Two states of a list.
pub(super) struct Lists<'a>(pub(super) &'a [Content], pub(super) &'a [Content]);

impl Pair for Lists<'_> {
    fn lens(&self) -> (u32, u32) {
        (len(self.0), len(self.1))
    }

    /// Types may have changed, and what is foreign is not known. Values do not change.
    fn fits(&self, from: u32, to: u32) -> bool {
        let (Some(from), Some(to)) = (at(self.0, from), at(self.1, to)) else { return false };
        from.is_type(to) || from.is_same(to) || matches!((from, to), (Content::Foreign, Content::Foreign))
    }

    fn is_same(&self, from: u32, to: u32) -> bool {
        at(self.0, from).zip(at(self.1, to)).is_some_and(|(from, to)| from.is_same(to))
    }

    fn is_boundary(&self, _: u32, _: u32) -> bool {
        true
    }
}

fn at(items: &[Content], index: u32) -> Option<&Content> {
    items.get(usize::try_from(index).ok()?)
}

/// Lists are shorter than positions can count.
fn len(items: &[Content]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
