//! Decides how a place in a text or list is kept while others edit: by the element that it sticks to, in the terms of
//! Yjs' relative positions, so that its clients understand a cursor of ours and we theirs.
//!
//! A cursor that comes back may say anything. yrs is only asked about elements that the gate has let in, and that stand
//! where an element has a position.

use super::error::EditError;
use super::kind::{Kind, TypeId};
use super::view::View;
use super::{Replica, check_range};
use crate::ids::{ClientId, Clock};
use yrs::branch::BranchPtr;
use yrs::{Assoc, BranchID, ClientID, ID, IndexScope, StickyIndex};

/// A place in a text or list that stays where it is meant to be, whatever is edited around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    /// The type that it is in. It only counts where there is no element.
    pub within: Option<Holder>,
    /// The element that it sticks to; without one it is at an end of the type.
    pub element: Option<(ClientId, Clock)>,
    /// On which side of the place that element is, or that end.
    pub side: Side,
}

/// How a cursor names the type that it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holder {
    /// A root, by its name.
    Root(String),
    /// A nested type, by the element that it is.
    Nested(ClientId, Clock),
}

/// What a cursor sticks to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// What follows it: the element after the place, or the end of the type.
    After,
    /// What it follows: the element before the place, or the start of the type.
    Before,
}

impl Replica {
    /// The cursor of a place in a text or list.
    ///
    /// # Errors
    /// The handle is neither, or the index is behind the end or inside a surrogate pair.
    pub fn cursor(&mut self, id: TypeId, index: u32, side: Side) -> Result<Cursor, EditError> {
        match self.roots.kind(id)? {
            Kind::Text => self.text_to_check(id)?.check(index, 0)?,
            Kind::Map | Kind::List => drop(check_range(index, 0, self.list_len(id)?)?),
        }
        self.commit();
        let within = self.roots.place(id)?;
        self.read(|view| Some(cursor_at(within.get_branch(view)?, view, index, side))).ok_or(EditError::Closed)
    }

    /// Where a cursor is in a text or list; nowhere if it is not of this one, or of what has not come yet. One that others
    /// have put inside a surrogate pair is in front of it.
    ///
    /// # Errors
    /// The handle is unknown.
    pub fn resolve(&mut self, id: TypeId, cursor: &Cursor) -> Result<Option<u32>, EditError> {
        self.commit();
        let found = self.index_of(&self.roots.place(id)?, cursor);
        let (Some(index), Kind::Text) = (found, self.roots.kind(id)?) else { return Ok(found) };
        let splits = matches!(self.text_to_check(id)?.check(index, 0), Err(EditError::SplitSurrogate { .. }));
        Ok(if splits { index.checked_sub(1) } else { found })
    }

    fn index_of(&self, within: &BranchID, cursor: &Cursor) -> Option<u32> {
        let scope = match (cursor.element, &cursor.within) {
            (Some((client, clock)), _) if self.intake.has_position(client, clock) => {
                IndexScope::Relative(ID::new(ClientID::new(client.0), clock))
            }
            (None, Some(Holder::Root(name))) => IndexScope::Root(name.as_str().into()),
            (None, Some(Holder::Nested(client, clock))) if *clock < self.intake.clock(*client) => {
                IndexScope::Nested(ID::new(ClientID::new(client.0), *clock))
            }
            _ => return None,
        };
        let sticky = StickyIndex::new(scope, Assoc::from(cursor.side));
        self.read(|view| sticky.get_offset(view).filter(|found| found.branch.id() == *within).map(|found| found.index))
    }
}

/// Yjs names the type even where it names an element, and an element only where there is one on that side.
fn cursor_at(within: BranchPtr, view: &View, index: u32, side: Side) -> Cursor {
    let beside = match side {
        Side::After => Some(index).filter(|index| *index < within.content_len()),
        Side::Before => index.checked_sub(1),
    };
    let sticky = beside.and_then(|beside| StickyIndex::at(view, within, beside, Assoc::After));
    let element = sticky.and_then(|sticky| sticky.id().map(|id| (ClientId(id.client.get()), id.clock)));
    let holder = match within.id() {
        BranchID::Root(name) => Holder::Root(name.as_ref().to_owned()),
        BranchID::Nested(id) => Holder::Nested(ClientId(id.client.get()), id.clock),
    };
    Cursor { within: Some(holder), element, side }
}

impl From<Side> for Assoc {
    fn from(side: Side) -> Self {
        match side {
            Side::After => Self::After,
            Side::Before => Self::Before,
        }
    }
}
