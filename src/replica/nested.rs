//! Decides how types within maps and lists are made and opened.
//!
//! A new type is written in a transaction of its own, because its handle needs the id that it gets there. What it holds
//! from the beginning goes into the same one. For observers the changes of one task are joined again, where they can be.

use super::changes::PathSegment;
use super::delta::DeltaOp;
use super::error::{BadValue, EditError};
use super::kind::{Kind, TypeId};
use super::text::check_steps;
use super::value::{MAX_DEPTH, Value, check};
use super::view::View;
use super::{MAX_LEN, Replica, check_range};
use yrs::block::{ItemContent, Prelim};
use yrs::branch::{Branch, BranchPtr};
use yrs::types::TypeRef;
use yrs::{Array, ArrayRef, Hook, Map, MapRef, Out, Transact, TransactionMut};

/// A type to be made, with what it holds from the beginning.
#[derive(Clone, PartialEq, Debug)]
pub enum NewType {
    /// A text, and the inserts that fill it.
    Text(Vec<DeltaOp>),
    /// A map, and its entries.
    Map(Vec<(String, Value)>),
    /// A list, and its items.
    List(Vec<Value>),
}

/// Where in a type another one stands.
enum Place<'a> {
    Entry(Hook<MapRef>, &'a str),
    Item(Hook<ArrayRef>, u32),
}

impl Replica {
    /// Puts a type of its own where `at` leads from `within`, and opens it: sets a key, or inserts at an index.
    ///
    /// # Errors
    /// The handle is none that `at` can lead from, the index is behind the end, what the type is to hold cannot be kept,
    /// or types would be nested too deeply.
    pub fn create_in(&mut self, within: TypeId, at: &PathSegment, new: NewType) -> Result<TypeId, EditError> {
        if let PathSegment::Index(index) = at {
            let len = self.list_len(within)?;
            check_range(*index, 0, len)?;
            check_len(u64::from(len) + 1)?;
        }
        self.check_new(within, &new)?;
        self.commit();
        let place = self.place(within, at)?;
        let (kind, mut new, mut created) = (new.kind(), Some(new), None);
        self.write(&mut |roots, txn| {
            let Some(made) = place.insert(txn, Empty(kind)) else { return };
            created = roots.adopt(within, &made, kind, &View::of(txn));
            if let (Some(id), Some(new)) = (created, new.take()) {
                roots.fill(id, new);
                roots.write(txn);
            }
        });
        if let Place::Item(..) = place {
            self.list_mut(within)?.grow();
        }
        created.ok_or(EditError::Deleted)
    }

    /// Opens the type that `at` leads to from `within`, the same handle at every call; none if there is nothing, or
    /// anything but a type of this kind.
    ///
    /// # Errors
    /// The handle is none that `at` can lead from.
    pub fn open_in(&mut self, within: TypeId, at: &PathSegment, kind: Kind) -> Result<Option<TypeId>, EditError> {
        if self.roots.is_dirty(within) {
            self.commit();
        }
        let place = self.place(within, at)?;
        let txn = self.doc.try_transact().map_err(|_| EditError::Closed)?;
        let view = View::of(&txn);
        Ok(place.read(&view).and_then(|found| self.roots.adopt(within, &found, kind, &view)))
    }

    fn place<'a>(&self, within: TypeId, at: &'a PathSegment) -> Result<Place<'a>, EditError> {
        Ok(match at {
            PathSegment::Key(key) => Place::Entry(self.map(within)?.shared.clone(), key),
            PathSegment::Index(index) => Place::Item(self.list(within)?.shared.clone(), *index),
        })
    }

    /// Commits if types are open that stand in `id`: a copy of it is to hold what is pending in them, and whoever edits
    /// one that was just deleted is to learn it at once.
    pub(super) fn settle_nested(&mut self, id: TypeId) {
        if self.roots.holds_open(id) {
            self.commit();
        }
    }

    /// Commits after an edit of `key`, if that held a type: whoever edits that learns at once that it was deleted.
    pub(super) fn settle_entry(&mut self, id: TypeId, key: &str) {
        let Some(map) = self.map(id).ok().filter(|_| self.roots.holds_open(id)).map(|root| &root.shared) else {
            return;
        };
        let held = self.read(|view| map.get(view)?.get(view, key));
        if held.is_some_and(|held| !matches!(held, Out::Any(_))) {
            self.commit();
        }
    }

    fn check_new(&self, within: TypeId, new: &NewType) -> Result<(), EditError> {
        if self.roots.depth(within)? >= MAX_DEPTH {
            return Err(BadValue::TooDeep.into());
        }
        match new {
            NewType::Text(delta) => check_len(check_steps(delta, &|index, len| check_range(index, len, 0).map(drop))?),
            NewType::Map(entries) => Ok(entries.iter().try_for_each(|(_, value)| check(value))?),
            NewType::List(items) => {
                check_len(u64::try_from(items.len()).unwrap_or(u64::MAX))?;
                Ok(items.iter().try_for_each(check)?)
            }
        }
    }
}

impl Place<'_> {
    fn read(&self, view: &View) -> Option<Out> {
        match self {
            Self::Entry(map, key) => map.get(view)?.get(view, key),
            Self::Item(list, index) => list.get(view)?.get(view, *index),
        }
    }

    fn insert(&self, txn: &mut TransactionMut, new: Empty) -> Option<Out> {
        Some(match self {
            Self::Entry(map, key) => map.get(&View::of(txn))?.insert(txn, *key, new),
            Self::Item(list, index) => list.get(&View::of(txn))?.insert(txn, *index, new),
        })
    }
}

impl NewType {
    const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Map(_) => Kind::Map,
            Self::List(_) => Kind::List,
        }
    }
}

fn check_len(len: u64) -> Result<(), EditError> {
    if len > u64::from(MAX_LEN) { Err(EditError::TooLong { len }) } else { Ok(()) }
}

/// A type with nothing in it, for yrs: one for all kinds, because what inserts it is compiled for each.
pub(super) struct Empty(pub(super) Kind);

impl Prelim for Empty {
    type Return = Out;

    fn into_content(self, _: &mut TransactionMut) -> (ItemContent, Option<Self>) {
        let type_ref = match self.0 {
            Kind::Text => TypeRef::Text,
            Kind::Map => TypeRef::Map,
            Kind::List => TypeRef::Array,
        };
        (ItemContent::Type(Branch::new(type_ref)), None)
    }

    fn integrate(self, _: &mut TransactionMut, _: BranchPtr) {}
}
