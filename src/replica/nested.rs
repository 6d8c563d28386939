//! Decides how types within maps and lists are made and opened.
//!
//! A new type is written in a transaction of its own, because its handle needs the id that it gets there. What it holds
//! from the beginning goes into the same one. Whoever looks at the changes sees what one transaction would have shown.

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
use yrs::{Array, Map, Out, Transact, TransactionMut};

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

impl Replica {
    /// Sets `key` to a type of its own, and opens that.
    ///
    /// # Errors
    /// The handle is no map, what the type is to hold cannot be kept, or types would be nested too deeply.
    pub fn map_create(&mut self, id: TypeId, key: &str, new: NewType) -> Result<TypeId, EditError> {
        self.map(id)?;
        self.check_new(id, &new)?;
        self.commit();
        let map = self.map(id)?.shared.clone();
        self.create(id, new, &|txn, empty| Some(map.get(&View::of(txn))?.insert(txn, key, empty)))
    }

    /// Inserts a type of its own at `index`, and opens that.
    ///
    /// # Errors
    /// The handle is no list, the index is behind the end, what the type is to hold cannot be kept, or types would be
    /// nested too deeply.
    pub fn list_create(&mut self, id: TypeId, index: u32, new: NewType) -> Result<TypeId, EditError> {
        let len = self.list(id)?.len();
        check_range(index, 0, len)?;
        check_len(u64::from(len) + 1)?;
        self.check_new(id, &new)?;
        self.commit();
        let list = self.list(id)?.shared.clone();
        let created = self.create(id, new, &|txn, empty| Some(list.get(&View::of(txn))?.insert(txn, index, empty)))?;
        self.list_mut(id)?.grow();
        Ok(created)
    }

    /// Opens the type that `key` holds, the same handle at every call; none if it holds nothing, or anything but a type
    /// of this kind.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_open(&mut self, id: TypeId, key: &str, kind: Kind) -> Result<Option<TypeId>, EditError> {
        self.settle(id);
        let map = self.map(id)?.shared.clone();
        self.open_found(id, kind, &|view| map.get(view)?.get(view, key))
    }

    /// Opens the type at `index`, the same handle at every call; none if there is nothing, or anything but a type of
    /// this kind.
    ///
    /// # Errors
    /// The handle is no list.
    pub fn list_open(&mut self, id: TypeId, index: u32, kind: Kind) -> Result<Option<TypeId>, EditError> {
        self.settle(id);
        let list = self.list(id)?.shared.clone();
        self.open_found(id, kind, &|view| list.get(view)?.get(view, index))
    }

    /// Commits if the type itself has edits to write, so that it reads as it is.
    fn settle(&mut self, id: TypeId) {
        if self.roots.is_dirty(id) {
            self.commit();
        }
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
        if !self.roots.holds_open(id) {
            return;
        }
        let Ok(map) = self.map(id).map(|root| root.shared.clone()) else { return };
        let held_type =
            self.read(|view| map.get(view)?.get(view, key)).is_some_and(|held| !matches!(held, Out::Any(_)));
        if held_type {
            self.commit();
        }
    }

    fn open_found(
        &mut self,
        within: TypeId,
        kind: Kind,
        find: &dyn Fn(&View) -> Option<Out>,
    ) -> Result<Option<TypeId>, EditError> {
        let txn = self.doc.try_transact().map_err(|_| EditError::Closed)?;
        let view = View::of(&txn);
        let Some(found) = find(&view) else { return Ok(None) };
        Ok(self.roots.adopt(within, &found, kind, &view))
    }

    /// Inserts an empty type, opens it and fills it, all in one transaction.
    fn create(
        &mut self,
        within: TypeId,
        new: NewType,
        insert: &dyn Fn(&mut TransactionMut, Empty) -> Option<Out>,
    ) -> Result<TypeId, EditError> {
        let (kind, mut new, mut created) = (new.kind(), Some(new), None);
        self.write(&mut |roots, txn| {
            let Some(made) = insert(txn, Empty(kind)) else { return };
            created = roots.adopt(within, &made, kind, &View::of(txn));
            if let (Some(id), Some(new)) = (created, new.take()) {
                roots.fill(id, new);
                roots.write(txn);
            }
        });
        created.ok_or(EditError::Deleted)
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
struct Empty(Kind);

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
