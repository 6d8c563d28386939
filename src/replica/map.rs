//! Decides how a map is edited and read: the last edit of a key in a task counts, and reads look at it first.

use super::Replica;
use super::error::EditError;
use super::kind::TypeId;
use super::value::{Value, check, plain};
use super::view::View;
use crate::sorted::SortedMap;
use std::collections::HashMap;
use yrs::{Hook, Map, MapRef, Out, TransactionMut};

/// A map that was opened.
#[derive(Debug)]
pub(super) struct MapRoot {
    pub(super) shared: Hook<MapRef>,
    /// The keys edited since the last commit; none says deleted.
    pending: SortedMap<String, Option<Value>>,
}

impl Replica {
    /// Sets `key` to `value`.
    ///
    /// # Errors
    /// The handle is no map, or the value cannot be kept.
    pub fn map_set(&mut self, id: TypeId, key: &str, value: Value) -> Result<(), EditError> {
        check(&value)?;
        self.map_mut(id)?.pending.insert(key.to_owned(), Some(value));
        self.mark(id);
        self.settle_entry(id, key);
        Ok(())
    }

    /// Deletes `key`; false if it is absent.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_delete(&mut self, id: TypeId, key: &str) -> Result<bool, EditError> {
        let root = self.map(id)?;
        let is_committed = self.read(|view| root.contains_key(view, key));
        let root = self.map_mut(id)?;
        let was_present = match root.pending.get(key) {
            Some(pending) => pending.is_some(),
            None => is_committed,
        };
        if is_committed {
            root.pending.insert(key.to_owned(), None);
        } else {
            root.pending.remove(key);
        }
        self.mark(id);
        self.settle_entry(id, key);
        Ok(was_present)
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_get(&mut self, id: TypeId, key: &str) -> Result<Option<Value>, EditError> {
        self.settle_nested(id);
        let root = self.map(id)?;
        Ok(match root.pending.get(key) {
            Some(pending) => pending.clone(),
            None => self.read(|view| root.shared.get(view)?.get(view, key).map(|value| plain(value, view))),
        })
    }

    /// Whether `key` is present.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_has(&self, id: TypeId, key: &str) -> Result<bool, EditError> {
        let root = self.map(id)?;
        Ok(match root.pending.get(key) {
            Some(pending) => pending.is_some(),
            None => self.read(|view| root.contains_key(view, key)),
        })
    }

    /// The keys, in their order.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_keys(&self, id: TypeId) -> Result<Vec<String>, EditError> {
        let root = self.map(id)?;
        Ok(self.read(|view| root.merged(view, |_| Value::Undefined)).into_iter().map(|(key, _)| key).collect())
    }

    /// The keys with their values, in the order of the keys.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_entries(&mut self, id: TypeId) -> Result<Vec<(String, Value)>, EditError> {
        self.settle_nested(id);
        let root = self.map(id)?;
        Ok(self.read(|view| root.merged(view, |value| plain(value, view))))
    }

    /// How many keys there are.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_len(&self, id: TypeId) -> Result<usize, EditError> {
        Ok(self.map_keys(id)?.len())
    }

    /// The whole map as one value.
    ///
    /// # Errors
    /// The handle is no map.
    pub fn map_json(&mut self, id: TypeId) -> Result<Value, EditError> {
        let entries: HashMap<String, Value> = self.map_entries(id)?.into_iter().collect();
        Ok(entries.into())
    }
}

impl MapRoot {
    pub(super) const fn new(shared: Hook<MapRef>) -> Self {
        Self { shared, pending: SortedMap::new() }
    }

    pub(super) fn extend(&mut self, entries: Vec<(String, Value)>) {
        self.pending.extend(entries.into_iter().map(|(key, value)| (key, Some(value))));
    }

    /// Whether the committed map has the key.
    fn contains_key(&self, view: &View, key: &str) -> bool {
        self.shared.get(view).is_some_and(|map| map.contains_key(view, key))
    }

    /// Writes what is pending, unless the map was deleted.
    pub(super) fn write(&mut self, txn: &mut TransactionMut) {
        let entries = std::mem::take(&mut self.pending);
        let Some(shared) = self.shared.get(&View::of(txn)) else { return };
        for (key, value) in entries {
            match value {
                Some(value) => {
                    shared.insert(txn, key, value);
                }
                None => {
                    shared.remove(txn, &key);
                }
            }
        }
    }

    /// The entries as they are with what is pending, in the order of the keys; `read` reads the committed values.
    fn merged(&self, view: &View, read: impl Fn(Out) -> Value) -> Vec<(String, Value)> {
        let mut entries = self.pending.clone();
        let shared = self.shared.get(view);
        for (key, value) in shared.iter().flat_map(|map| map.iter(view)) {
            if !entries.contains_key(key) {
                entries.insert(key.to_owned(), Some(read(value)));
            }
        }
        entries.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}
