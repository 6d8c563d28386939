//! Builds plain objects for JavaScript.

use js_sys::{Object, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// A plain object under construction, with names that this crate chose; names from outside go through
/// [`from_entries`](super::convert::from_entries).
pub(super) struct Record(Object);

impl Record {
    pub(super) fn new() -> Self {
        Self(Object::new())
    }

    pub(super) fn with(self, name: &'static str, value: impl Into<JsValue>) -> Self {
        // A fresh object takes any property.
        let _ = Reflect::set(&self.0, &word(name), &value.into());
        self
    }

    pub(super) fn with_some(self, name: &'static str, value: Option<impl Into<JsValue>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// A word of this crate as JavaScript has it. To hand over the bytes of the dozen words of an event at every keystroke took
/// a sixth of the time of a keystroke, so each is handed over once.
pub(super) fn word(word: &'static str) -> JsValue {
    let known =
        WORDS.with_borrow(|words| words.iter().find(|(known, _)| std::ptr::eq(*known, word)).map(|(_, js)| js.clone()));
    known.unwrap_or_else(|| {
        let js = JsValue::from_str(word);
        WORDS.with_borrow_mut(|words| words.push((word, js.clone())));
        js
    })
}

thread_local! {
    /// The words that were handed over. They are told by their addresses, of which there are as many as are in the code.
    static WORDS: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
}

impl From<Record> for JsValue {
    fn from(record: Record) -> Self {
        record.0.into()
    }
}
