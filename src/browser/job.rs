//! Wraps what can be asked of IndexedDB in one transaction. The [`Database`](super::database) it is asked of runs it.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::duck::{array, call, get, global};
use crate::store::StoreFailure;

/// Something to do, and whom to tell.
pub(super) struct Job {
    /// What to do.
    pub work: Work,
    /// The beginning of the keys of the records it is about.
    pub prefix: Array,
    /// Takes the answer: what the work says, or why nothing was done.
    pub answer: Box<dyn FnOnce(Result<Found, StoreFailure>)>,
}

/// What to do in one transaction.
pub(super) enum Work {
    /// Find all keys and all values.
    Read,
    /// Find all keys.
    List,
    /// Put a record, and delete every other whose key begins with one of `replaces`. The prefix is without meaning.
    Write { key: Array, value: Uint8Array, replaces: Array },
    /// Delete all records.
    Delete,
}

/// What was found: two arrays, in the same order; undefined where they were not asked for. Before it is found, the
/// requests for them.
#[derive(Default)]
pub(super) struct Found {
    pub keys: JsValue,
    pub values: JsValue,
}

impl Job {
    /// Makes the requests; returns those whose results are wanted.
    pub(super) fn issue(&self, store: &JsValue) -> Result<Found, JsValue> {
        let mut found = Found::default();
        match &self.work {
            Work::Read => {
                found.keys = self.ask(store, "getAllKeys")?;
                found.values = self.ask(store, "getAll")?;
            }
            Work::List => found.keys = self.ask(store, "getAllKeys")?,
            Work::Write { key, value, replaces } => {
                call(store, "put", &[value, key])?;
                for prefix in replaces.iter() {
                    call(store, "delete", &[&range(&prefix)?])?;
                }
            }
            Work::Delete => drop(self.ask(store, "delete")?),
        }
        Ok(found)
    }

    fn ask(&self, store: &JsValue, method: &str) -> Result<JsValue, JsValue> {
        call(store, method, &[&range(&self.prefix)?])
    }
}

impl Found {
    /// The results of these requests; nothing if one has none.
    pub(super) fn result(&self) -> Option<Self> {
        let [keys, values] = [&self.keys, &self.values].map(|request| get(request, "result"));
        let is_complete =
            keys.is_undefined() == self.keys.is_undefined() && values.is_undefined() == self.values.is_undefined();
        is_complete.then_some(Self { keys, values })
    }
}

impl Work {
    pub(super) const fn mode(&self) -> &'static str {
        match self {
            Self::Read | Self::List => "readonly",
            Self::Write { .. } | Self::Delete => "readwrite",
        }
    }
}

/// Every key that begins with `prefix`: an array comes after every number and text.
fn range(prefix: &JsValue) -> Result<JsValue, JsValue> {
    let end = call(prefix, "concat", &[&array(&[&Array::new()])])?;
    call(&global("IDBKeyRange"), "bound", &[prefix, &end])
}
