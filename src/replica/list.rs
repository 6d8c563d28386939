//! Decides how a list is edited and read: checked at once against what is pending too, written with the commit.

use super::error::EditError;
use super::kind::TypeId;
use super::pending::{NetEdit, Pending, Span};
use super::value::{Value, check, plain};
use super::view::View;
use super::{MAX_LEN, Replica, check_range};
use std::ops::Range;
use yrs::{Array, ArrayRef, Hook, TransactionMut};

/// A list that was opened.
#[derive(Debug)]
pub(super) struct ListRoot {
    pub(super) shared: Hook<ArrayRef>,
    pending: Pending<Vec<Value>, NetEdit<Vec<Value>>>,
    /// The length with what is pending.
    len: u32,
}

impl Replica {
    /// Inserts `items` at `index`.
    ///
    /// # Errors
    /// The handle is no list, the index is behind the end, or an item cannot be kept.
    pub fn list_insert(&mut self, id: TypeId, index: u32, items: Vec<Value>) -> Result<(), EditError> {
        items.iter().try_for_each(check)?;
        let root = self.list_mut(id)?;
        check_range(index, 0, root.len)?;
        let len = u64::from(root.len) + u64::from(Span::len(&items));
        if len > u64::from(MAX_LEN) {
            return Err(EditError::TooLong { len });
        }
        if !items.is_empty() {
            root.insert(index, items);
            self.mark(id);
        }
        Ok(())
    }

    /// Deletes `len` items from `index` on.
    ///
    /// # Errors
    /// The handle is no list, or the range reaches behind the end.
    pub fn list_delete(&mut self, id: TypeId, index: u32, len: u32) -> Result<(), EditError> {
        let root = self.list_mut(id)?;
        check_range(index, len, root.len)?;
        if len > 0 {
            root.len -= len;
            root.pending.delete(index, len);
            self.mark(id);
            self.settle_nested(id);
        }
        Ok(())
    }

    /// The item at `index`, if there is one.
    ///
    /// # Errors
    /// The handle is no list.
    pub fn list_get(&mut self, id: TypeId, index: u32) -> Result<Option<Value>, EditError> {
        self.commit();
        let shared = &self.list(id)?.shared;
        Ok(self.read(|view| shared.get(view)?.get(view, index).map(|item| plain(item, view))))
    }

    /// How many items there are, with what is pending.
    ///
    /// # Errors
    /// The handle is no list.
    pub fn list_len(&self, id: TypeId) -> Result<u32, EditError> {
        Ok(self.list(id)?.len)
    }

    /// All items.
    ///
    /// # Errors
    /// The handle is no list.
    pub fn list_json(&mut self, id: TypeId) -> Result<Vec<Value>, EditError> {
        self.commit();
        let shared = &self.list(id)?.shared;
        Ok(self.read(|view| match shared.get(view) {
            Some(list) => list.iter(view).map(|item| plain(item, view)).collect(),
            None => Vec::new(),
        }))
    }
}

impl ListRoot {
    pub(super) fn new(shared: Hook<ArrayRef>, view: &View) -> Self {
        let len = len(&shared, view);
        Self { shared, pending: Pending::default(), len }
    }

    /// Notes that an item was written past what is pending.
    pub(super) const fn grow(&mut self) {
        self.len += 1;
    }

    pub(super) fn insert(&mut self, index: u32, items: Vec<Value>) {
        self.len += Span::len(&items);
        self.pending.insert(index, items);
    }

    /// Takes over the state after a change from outside.
    pub(super) fn refresh(&mut self, view: &View) {
        self.len = len(&self.shared, view);
    }

    /// Writes what is pending, unless the list was deleted. Every range was checked when it was queued, and nothing but
    /// this writes in between.
    pub(super) fn write(&mut self, txn: &mut TransactionMut) {
        let edits = self.pending.take();
        let Some(shared) = self.shared.get(&View::of(txn)) else { return };
        for edit in edits {
            let start = edit.start();
            let inserted = Span::len(&edit.inserted);
            shared.insert_range(txn, edit.anchor, edit.inserted);
            if edit.deleted_after > 0 {
                shared.remove_range(txn, edit.anchor + inserted, edit.deleted_after);
            }
            if edit.deleted_before > 0 {
                shared.remove_range(txn, start, edit.deleted_before);
            }
        }
    }
}

fn len(shared: &Hook<ArrayRef>, view: &View) -> u32 {
    shared.get(view).map_or(0, |list| list.len(view))
}

impl Span for Vec<Value> {
    fn len(&self) -> u32 {
        u32::try_from(self.as_slice().len()).unwrap_or(u32::MAX)
    }

    fn admits(&self, _: &Self, _: u32) -> bool {
        true
    }

    fn insert(&mut self, offset: u32, more: Self) {
        let at = position(self, offset);
        self.splice(at..at, more);
    }

    fn remove(&mut self, range: Range<u32>) {
        let range = position(self, range.start)..position(self, range.end);
        self.drain(range);
    }
}

fn position(items: &[Value], offset: u32) -> usize {
    usize::try_from(offset).map_or(items.len(), |offset| offset.min(items.len()))
}
