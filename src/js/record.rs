//! Builds plain objects for JavaScript.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

/// A plain object under construction, with names that this crate chose; names from outside go through
/// [`from_entries`](super::convert::from_entries).
pub(super) struct Record(Object);

impl Record {
    pub(super) fn new() -> Self {
        Self(Object::new())
    }

    pub(super) fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // A fresh object takes any property.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    pub(super) fn with_some(self, name: &str, value: Option<impl Into<JsValue>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl From<Record> for JsValue {
    fn from(record: Record) -> Self {
        record.0.into()
    }
}
